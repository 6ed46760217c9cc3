namespace Lockstep.Data.Raw.Tables;

/// <summary>The beginning of a table.</summary>
/// <param name="Bytes">UTF-8; the last row may be cut.</param>
/// <param name="IsWhole">Whether it is the whole file.</param>
internal sealed record CsvHead(ReadOnlyMemory<byte> Bytes, bool IsWhole)
{
    private const int FirstBytes = 1 << 20;
    private const int MinLines = 8;

    /// <summary>Reads 1 MiB, or more where that has only a few lines.</summary>
    public static CsvHead Read(TableFile file)
    {
        byte[] bytes = new byte[FirstBytes];
        for (int length = 0; ;)
        {
            length += file.Read(bytes.AsSpan(length));
            if (length < bytes.Length || bytes.Length >= CsvFormat.MaxRowBytes || CsvScanner.Lines(bytes) >= MinLines)
                return new CsvHead(bytes.AsMemory(0, length), length < bytes.Length);
            Array.Resize(ref bytes, 2 * bytes.Length);
        }
    }
}
