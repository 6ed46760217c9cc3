namespace Lockstep.Data;

/// <summary>One published file of a data set.</summary>
/// <param name="Name">Published name, such as <c>train-images-idx3-ubyte.gz</c>.</param>
/// <param name="Checksum">
/// Checksum of the published bytes, in lower-case hexadecimal: 64 digits are SHA-256, 32 are MD5. Only downloads are checked.
/// </param>
public sealed record DatasetFile(string Name, string Checksum)
{
    /// <summary>Common names of this file: compressed or raw, with the dash of the original or the dot of many copies.</summary>
    internal IEnumerable<string> Spellings
    {
        get
        {
            string raw = Name[..^".gz".Length], dotted = raw.Replace("-idx", ".idx", StringComparison.Ordinal);
            return [Name, raw, dotted + ".gz", dotted];
        }
    }
}
