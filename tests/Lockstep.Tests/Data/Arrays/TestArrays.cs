using System.IO.Compression;
using System.Text;

namespace Lockstep.Lockstep.Tests.Data.Arrays;

/// <summary>Makes files of NumPy's.</summary>
internal static class TestArrays
{
    /// <summary>A <c>.npy</c> file.</summary>
    /// <param name="descr">NumPy's name of the type.</param>
    /// <param name="shape">The dimensions as NumPy writes them.</param>
    /// <param name="values">Bytes of the elements.</param>
    /// <param name="fortran">Whether the first index varies fastest.</param>
    public static byte[] Npy(string descr, string shape, byte[] values, bool fortran = false)
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header), .. values];
    }

    /// <summary>Bytes of elements.</summary>
    public static byte[] Of(params int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>Bytes of elements.</summary>
    public static byte[] Of(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>A <c>.npz</c> file.</summary>
    public static byte[] Npz(params (string Name, byte[] Content)[] entries) => Npz(CompressionLevel.Optimal, entries);

    /// <summary>A <c>.npz</c> file.</summary>
    public static byte[] Npz(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return file.ToArray();
    }
}
