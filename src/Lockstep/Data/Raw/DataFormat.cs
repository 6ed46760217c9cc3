using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw;

/// <summary>Tells formats of data files apart.</summary>
internal static class DataFormat
{
    /// <summary>A format.</summary>
    internal enum Kind
    {
        /// <summary>Text with separators, packed or not; what is nothing else.</summary>
        Table,

        /// <summary>NumPy's arrays.</summary>
        Arrays,

        /// <summary>Parquet.</summary>
        Parquet,

        /// <summary>One array of the format of MNIST.</summary>
        Idx,
    }

    private static readonly (string Extension, Kind Kind)[] Extensions =
        [(".npz", Kind.Arrays), (".npy", Kind.Arrays), (".parquet", Kind.Parquet), (".pq", Kind.Parquet)];

    private static readonly string[] TableExtensions = [".csv", ".tsv", ".csv.gz", ".tsv.gz"];

    /// <summary>Whether a name is that of a file of examples.</summary>
    public static bool IsData(string path) =>
        Extensions.Any(known => HasExtension(path, known.Extension)) || TableExtensions.Any(known => HasExtension(path, known));

    /// <summary>The format of a file: by its name, otherwise by its first bytes.</summary>
    /// <exception cref="DatasetException">It is not there, or cannot be read.</exception>
    public static Kind Of(string path)
    {
        foreach ((string extension, Kind kind) in Extensions)
        {
            if (HasExtension(path, extension))
                return kind;
        }

        if (TableExtensions.Any(extension => HasExtension(path, extension)))
            return Kind.Table;
        byte[] head = FirstBytes(path);
        return head switch
        {
            [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => Kind.Parquet,
            [0x93, (byte)'N', (byte)'U', (byte)'M', ..] => Kind.Arrays,
            [0, 0, >= 8 and <= 14, >= 1 and <= 8, ..] => Kind.Idx,
            // Other archives, such as spreadsheets, are told of as what is no table.
            _ => ForeignContent.Recognise(head) == ForeignContent.Arrays ? Kind.Arrays : Kind.Table,
        };
    }

    private static bool HasExtension(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    private static byte[] FirstBytes(string path)
    {
        using FileStream file = DataFile.Open(path, TableFile.Expected);
        try
        {
            return ForeignContent.HeadOf(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{ForeignText.Printable(path)} cannot be read: {e.Message}", e);
        }
    }
}
