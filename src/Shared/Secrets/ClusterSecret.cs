using System.Net;
using System.Security.Cryptography;
using Lockstep.Shared.Files;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Secrets;

/// <summary>
/// A secret that a coordinator and its workers share. They prove it to each other (<see cref="SecretProof"/>) and never send it. Outside of
/// loopback addresses a cluster requires it, or <see cref="ClusterTls"/>, or both.
/// </summary>
public sealed class ClusterSecret
{
    /// <summary>Minimum length, without surrounding white space.</summary>
    public const int MinBytes = 16;

    /// <summary>Maximum size of the file.</summary>
    public const int MaxFileBytes = 4096;

    /// <summary>A command that creates the file.</summary>
    public const string HowToMakeOne = "(umask 077; head -c 32 /dev/urandom | base64 > lockstep.secret)";

    private const UnixFileMode Harmless =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead;

    private readonly byte[] _key;

    private ClusterSecret(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Reads the file of a secret; surrounding white space is ignored.</summary>
    /// <exception cref="SecretException">
    /// It cannot be read, is no regular file, is too short or too long, or on Unix is accessible to others than its owner and group.
    /// </exception>
    public static ClusterSecret Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            byte[] content = BoundedFile.ReadAllBytes(file.FullName, MaxFileBytes);
            if (!OperatingSystem.IsWindows() && (file.UnixFileMode & ~Harmless) != UnixFileMode.None)
            {
                throw Unusable(
                    path, $"other users of this machine can read or change it (mode {Convert.ToString((int)file.UnixFileMode, 8)}). "
                        + "A secret is for its owner, and at most for its group to read",
                    $"Do: chmod 600 {path}");
            }

            return Parse(content, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable(path, "there is no such file", cause: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, BoundedFile.ReasonOf(path, e), cause: e);
        }
    }

    /// <summary>Takes the secret from the content of a file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="path">Its name, for the error.</param>
    /// <exception cref="SecretException">It is too short.</exception>
    public static ClusterSecret Parse(ReadOnlySpan<byte> content, string path)
    {
        ReadOnlySpan<byte> key = content.Trim(" \t\r\n\v\f"u8);
        return key.Length >= MinBytes
            ? new ClusterSecret(key)
            : throw Unusable(path, $"it has {key.Length} bytes without the white space around them; expected at least {MinBytes}");
    }

    /// <summary>Throws if the cluster is reachable from other machines and has neither secret nor TLS.</summary>
    /// <param name="secret">The secret, or null.</param>
    /// <param name="tls">The certificates, or null.</param>
    /// <param name="listen">Where a node of the cluster listens.</param>
    /// <param name="advertise">Where others reach it, if elsewhere.</param>
    /// <exception cref="SecretException">A secret or TLS is required.</exception>
    public static void Require(ClusterSecret? secret, ClusterTls? tls, IPEndPoint listen, IPEndPoint? advertise = null)
    {
        ArgumentNullException.ThrowIfNull(listen);
        IPEndPoint? open = new[] { listen, advertise }.FirstOrDefault(
            address => address is not null && !IPAddress.IsLoopback(address.Address));
        if (secret is not null || tls is not null || open is null)
            return;
        throw new SecretException($"The address {open.Address} can be reached from other machines, and whoever reached it could take part: "
            + "there, a cluster needs a secret, which the coordinator and its workers prove to each other, or certificates, "
            + "by which they also encrypt. "
            + $"Make a secret with {HowToMakeOne}, give all of them the same file, and say --secret-file lockstep.secret. "
            + $"Or: {ClusterTls.HowToMakeThem} Then say --tls-dir NODE.");
    }

    /// <summary>HMAC-SHA256 under the secret.</summary>
    internal void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => HMACSHA256.HashData(_key, message, signature);

    /// <summary>Omits the secret.</summary>
    public override string ToString() => "a secret";

    private static SecretException Unusable(string path, string problem, string? remedy = null, Exception? cause = null) =>
        new($"The secret file {path} cannot be used: {problem}. {remedy ?? $"Make one with {HowToMakeOne}."}", cause);
}
