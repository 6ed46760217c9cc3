namespace Lockstep.Data.Raw.Tables;

/// <summary>Checks the headers of the pages of a column before the library reads them.</summary>
internal static class ParquetPages
{
    private const int MaxHeaderBytes = 1 << 20;
    private const int MaxPageBytes = 1 << 30;
    private const int MaxExpansion = 1_000;
    private const int FreeBytes = 1 << 26;
    private const int UncompressedSize = 2;
    private const int CompressedSize = 3;
    private const int UsualHeaderBytes = 4096;

    /// <summary>Checks that pages lie in the file one after the other, and that their claims fit their sizes.</summary>
    /// <param name="file">The file; its position changes.</param>
    /// <param name="start">Offset of the first page.</param>
    /// <param name="length">Bytes of all pages.</param>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static void Check(FileStream file, long start, long length)
    {
        if (start < 0 || length <= 0 || start > file.Length - length)
            throw new InvalidDataException("Its pages lie outside of the file.");
        byte[] header = new byte[(int)Math.Min(MaxHeaderBytes, length)];
        for (long end = start + length; start < end;)
        {
            var integers = new Dictionary<int, long>();
            int size;
            try
            {
                size = SizeOf(Header(UsualHeaderBytes), integers);
            }
            catch (InvalidDataException) when (end - start > UsualHeaderBytes)
            {
                size = SizeOf(Header(MaxHeaderBytes), integers);
            }

            ReadOnlySpan<byte> Header(int bytes)
            {
                Span<byte> all = header.AsSpan(0, (int)Math.Min(bytes, end - start));
                file.Position = start;
                file.ReadExactly(all);
                return all;
            }

            long packed = integers.GetValueOrDefault(CompressedSize, -1), whole = integers.GetValueOrDefault(UncompressedSize, -1);
            if (packed < 0 || whole < 0 || packed > end - start - size || whole > MaxPageBytes
                || (whole > FreeBytes && whole / MaxExpansion > packed))
            {
                throw new InvalidDataException("The sizes of a page do not fit the file.");
            }

            start += size + packed;
        }
    }

    private static int SizeOf(ReadOnlySpan<byte> header, Dictionary<int, long> integers)
    {
        var check = new ThriftCheck(header);
        check.Structure("PageHeader", integers);
        return check.Position;
    }
}
