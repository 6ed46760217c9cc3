using System.Security.Cryptography;
using Lockstep.Shared.Files;

namespace Lockstep.Data;

/// <summary>Compares files with published checksums.</summary>
internal static class Checksum
{
    /// <summary>The file's checksum of the kind that <paramref name="expected"/> is: SHA-256 for 64 digits, MD5 for 32.</summary>
    public static async Task<string> OfAsync(Stream content, string expected, CancellationToken cancellationToken)
    {
        HashAlgorithmName algorithm = expected.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.MD5;
        byte[] hash = await CryptographicOperations.HashDataAsync(algorithm, content, cancellationToken).ConfigureAwait(false);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether the file exists, can be read and has the checksum.</summary>
    public static async Task<bool> HoldsAsync(string path, string expected, CancellationToken cancellationToken)
    {
        try
        {
            await using FileStream file = RegularFile.OpenToRead(path);
            return await OfAsync(file, expected, cancellationToken).ConfigureAwait(false) == expected;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
