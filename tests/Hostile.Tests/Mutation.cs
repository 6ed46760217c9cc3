using System.Buffers.Binary;
using System.Text;

namespace Lockstep.Hostile.Tests;

/// <summary>Makes bad bytes of good ones, always the same for a seed.</summary>
internal static class Mutation
{
    private const int MostDoublings = 3, MostBytes = 1 << 16;

    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x10_0000, 0x1000_0000, 0x3fff_ffff, 0x4000_0000,
        0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
        0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0001,
        0xfff0_0000_0000_0000,
    ];

    private static readonly byte[][] Texts =
    [
        .. new[]
        {
            "\"", "\\", "{", "}", "[", "]", ",", ":", "\n", "\r\n", "\0", " ", "null", "true", "-1", "0", "1e999", "-1e999", "1e-999",
            "NaN", "Infinity", "-0.0", "1.5",
            "99999999999999999999999", "2147483648", "9223372036854775808", "\\ud800", "\\u0000", "\u001b[2J", "\ud83d\ude00", "(", ")",
            "'", "True", "..", "/", "*", "=", "%", "-",
            "\"step\":", "\"steps\":", "\"shape\":", "\"units\":", "\"name\":", "{}", "[]", "{\"a\":{\"a\":{\"a\":", "//", "/*", "$",
            "descr", "from ", "spec ",
        }.Select(Encoding.UTF8.GetBytes),
        Encoding.UTF8.GetBytes(new string('[', 300)),
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 300))),
        Encoding.UTF8.GetBytes(new string('9', 5000)),
        Encoding.UTF8.GetBytes(new string('a', 5000)),
        [0xff, 0xfe], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xef, 0xbb, 0xbf], [0x1f, 0x8b], [0xdd, 0xff, 0xff, 0xff, 0xff],
        [0xdf, 0xff, 0xff, 0xff, 0xff], [0xc6, 0x7f, 0xff, 0xff, 0xff],
    ];

    /// <summary>Changes one of the inputs in a few places.</summary>
    public static byte[] Make(int seed, IReadOnlyList<byte[]> corpus)
    {
        var random = new Random(seed);
        List<byte> bytes = [.. corpus[random.Next(corpus.Count)]];
        for (int changes = random.Next(1, 1 << random.Next(1, MostDoublings + 1)); changes > 0; changes--)
            Change(bytes, corpus, random);
        if (bytes.Count > MostBytes)
            bytes.RemoveRange(MostBytes, bytes.Count - MostBytes);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, IReadOnlyList<byte[]> corpus, Random random)
    {
        int at = random.Next(bytes.Count + 1), length = random.Next(1, 1 << random.Next(1, 8));
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                Overwrite(bytes, at, Number(random));
                break;
            case 3:
                bytes.InsertRange(at, Number(random));
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(length, bytes.Count - at));
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(length, bytes.Count - at)));
                break;
            case 6:
                bytes.InsertRange(at, Texts[random.Next(Texts.Length)]);
                break;
            case 7:
                Overwrite(bytes, at, Texts[random.Next(Texts.Length)]);
                break;
            default:
                // A piece of another input; sometimes all of the rest of it.
                byte[] other = corpus[random.Next(corpus.Count)];
                int from = random.Next(other.Length + 1);
                byte[] piece = other[from..(random.Next(4) == 0 ? other.Length : Math.Min(other.Length, from + length))];
                if (random.Next(2) == 0)
                    bytes.InsertRange(at, piece);
                else
                    Overwrite(bytes, at, piece);
                break;
        }
    }

    private static byte[] Number(Random random)
    {
        byte[] number = new byte[sizeof(ulong)];
        ulong value = Numbers[random.Next(Numbers.Length)];
        int size = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            return number[..size];
        }

        BinaryPrimitives.WriteUInt64BigEndian(number, value);
        return number[^size..];
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        for (int i = 0; i < with.Length && at + i < bytes.Count; i++)
            bytes[at + i] = with[i];
    }
}
