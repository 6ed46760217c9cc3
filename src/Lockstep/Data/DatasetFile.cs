namespace Lockstep.Data;

/// <summary>One published file of a data set.</summary>
/// <param name="Name">Published name, such as <c>train-images-idx3-ubyte.gz</c>.</param>
/// <param name="Checksum">
/// Checksum of the published bytes, in lower-case hexadecimal: 64 digits are SHA-256, 32 are MD5. Only downloads are checked.
/// </param>
public sealed record DatasetFile(string Name, string Checksum)
{
    /// <summary>
    /// Common names of this file: compressed or raw, with the dash of the original or the dot of many copies; each also in a folder of one
    /// of these names, as archives of single files unpack.
    /// </summary>
    /// <param name="prefix">
    /// What stands before the names of a data set in the same form, which calls its test part so: <c>emnist-digits-test-images-...</c>.
    /// Empty for the published names.
    /// </param>
    internal IEnumerable<string> Spellings(string prefix)
    {
        string name = prefix.Length == 0 ? Name : prefix + Name.Replace("t10k-", "test-", StringComparison.Ordinal);
        string raw = name[..^".gz".Length], dotted = raw.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [name, raw, dotted + ".gz", dotted];
        return [.. names, .. names.SelectMany(folder => names.Select(inner => Path.Combine(folder, inner)))];
    }
}
