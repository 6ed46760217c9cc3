namespace Lockstep.Data.Raw.Tables;

/// <summary>Finds the lines of rows, with memory only for blocks with blank lines or rows of several lines.</summary>
internal sealed class RowLines
{
    private readonly List<int> _firstRows = [];
    private readonly List<(int FirstLine, int[]? Lines)> _blocks = [];

    /// <summary>Rows of all blocks.</summary>
    public int Rows { get; private set; }

    /// <summary>Adds the next block.</summary>
    public void Add(CsvBlock block)
    {
        if (block.Rows == 0)
            return;
        _firstRows.Add(Rows);
        _blocks.Add((block.FirstLine, block.Lines));
        Rows += block.Rows;
    }

    /// <summary>Line where a row begins.</summary>
    public int LineOf(int row)
    {
        int block = _firstRows.BinarySearch(row);
        block = block < 0 ? ~block - 1 : block;
        int offset = row - _firstRows[block];
        return _blocks[block].Lines is { } lines ? lines[offset] : _blocks[block].FirstLine + offset;
    }
}
