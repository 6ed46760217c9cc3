using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>Cuts a table into blocks of whole rows.</summary>
/// <param name="path">Path of the table, for messages.</param>
/// <param name="file">The table, behind its header.</param>
/// <param name="format">How it is written.</param>
/// <param name="blockBytes">Bytes of a block; more where a row is longer.</param>
internal sealed class CsvBlocks(string path, TableFile file, CsvFormat format, int blockBytes)
{
    private byte[] _rest = [];
    private bool _ended;
    private int _line = format.DataLine;

    /// <summary>Reads the next rows.</summary>
    /// <param name="line">Receives the line of the first one.</param>
    /// <returns>At least one line; empty at the end.</returns>
    /// <exception cref="DatasetException">A row is too long, or the file cannot be read.</exception>
    public ReadOnlyMemory<byte> Next(out int line)
    {
        line = _line;
        byte[] bytes = new byte[Math.Max(blockBytes, 2 * _rest.Length)];
        _rest.CopyTo(bytes, 0);
        for (int length = _rest.Length; ;)
        {
            if (!_ended)
            {
                int got = file.Read(bytes.AsSpan(length));
                length += got;
                _ended = length < bytes.Length;
            }

            int end = _ended ? length : EndOfRows(bytes.AsSpan(0, length));
            if (end > 0 || _ended)
            {
                _rest = bytes[end..length];
                _line = checked(line + CsvScanner.Lines(bytes.AsSpan(0, end)));
                return bytes.AsMemory(0, end);
            }

            if (bytes.Length > CsvFormat.MaxRowBytes)
                throw new DatasetException(
                    $"{ForeignText.Printable(path)} has a row of more than {CsvFormat.MaxRowBytes >> 20} MiB from line {line} on: does "
                    + "a quote open there that nothing closes?");
            Array.Resize(ref bytes, 2 * bytes.Length);
        }
    }

    /// <summary>Where the last whole row ends; 0 if there is none.</summary>
    private int EndOfRows(ReadOnlySpan<byte> bytes)
    {
        // The last byte may be the first half of \r\n.
        ReadOnlySpan<byte> sure = bytes[..^1];
        if (!bytes.Contains((byte)'"'))
        {
            int last = bytes.LastIndexOf((byte)'\n');
            return 1 + (last >= 0 ? last : sure.LastIndexOf((byte)'\r'));
        }

        int end = 0;
        var scanner = new CsvScanner(bytes, (byte)format.Separator);
        while (scanner.NextRow())
        {
            while (scanner.NextField(out _))
            {
            }

            if (scanner.Terminated && (scanner.Position < bytes.Length || bytes[^1] == '\n'))
                end = scanner.Position;
        }

        return end;
    }
}
