using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Lockstep.Lockstep.Tests.Formats;

/// <summary>Files made from the specifications of their formats, byte by byte.</summary>
internal static class Files
{
    public static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return text.Length > 0 ? packed.ToArray() : [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    /// <summary>RFC 1952, 2.3: with FEXTRA, FNAME, FCOMMENT and the checksum of the header.</summary>
    public static byte[] GzipWithHeader(string text)
    {
        byte[] plain = Gzip(text);
        byte[] header = [0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3, .. "name\0"u8, .. "comment\0"u8];
        uint crc = Crc32.HashToUInt32(header);
        return [.. header, (byte)crc, (byte)(crc >> 8), .. plain[10..]];
    }

    /// <summary>An array of shape [2, 3], or of the shape that is given as its text.</summary>
    public static byte[] Npy(byte version, string descr, bool fortran, double[] values, string shape = "(2, 3)")
    {
        string text = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}\n";
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        return
        [
            0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.UTF8.GetBytes(text), .. values.SelectMany(value =>
            {
                byte[] bytes = descr[1..] switch
                {
                    "f4" => BitConverter.GetBytes((float)value),
                    "f8" => BitConverter.GetBytes(value),
                    "i2" => BitConverter.GetBytes((short)value),
                    _ => BitConverter.GetBytes((int)value),
                };
                return descr[0] == '>' ? bytes.Reverse() : bytes;
            }),
        ];
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.Optimal, entries);

    public static byte[] Stored(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.NoCompression, entries);

    /// <summary>Six values in four tensors, one of each type.</summary>
    public static byte[] Safetensors()
    {
        byte[] data =
        [
            .. BitConverter.GetBytes((Half)1), .. BitConverter.GetBytes((Half)(-2.5)), 0x40, 0x40, 0x80, 0x3e,
            .. BitConverter.GetBytes(0.5f),
            .. BitConverter.GetBytes(7.0),
        ];
        // 0x4040 and 0x3e80 are 3 and 0.25 in BF16.
        const string header = """
            {"__metadata__": {"made": "by hand"}, "a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
             "b": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [4, 8]}, "c": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]},
             "d": {"dtype": "F64", "shape": [], "data_offsets": [12, 20]}}
            """;
        byte[] text = Encoding.UTF8.GetBytes(header.PadRight((header.Length + 7) / 8 * 8 + 16));
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data];
    }

    /// <summary>A vector of each type of the IDX page.</summary>
    public static IEnumerable<FormatFile> IdxOfEveryType()
    {
        (byte Type, Func<double, byte[]> Bytes, double[] Values)[] kinds =
        [
            (8, value => [(byte)value], [0, 7, 255]), (9, value => [(byte)(sbyte)value], [-128, 7, 127]),
            (11, value => BitConverter.GetBytes((short)value), [-32768, 7, 300]),
            (12, value => BitConverter.GetBytes((int)value), [-70000, 7, 1]),
            (13, value => BitConverter.GetBytes((float)value), [0.5, -2, 1e10f]), (14, BitConverter.GetBytes, [0.1, -2, 1e300]),
        ];
        foreach ((byte type, Func<double, byte[]> bytes, double[] values) in kinds)
        {
            yield return new FormatFile(
                $"{type}.idx", () => [0, 0, type, 1, 0, 0, 0, (byte)values.Length, .. values.SelectMany(value => bytes(value).Reverse())],
                string.Join("\n", values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
        }
    }

    private static byte[] Zip(CompressionLevel level, (string Name, byte[] Content)[] entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }
}
