namespace Lockstep.Model.Data;

/// <summary>An <see cref="ImageSet"/> being received: row starts, labels, then entries.</summary>
internal sealed class IncomingImages : IncomingExamples<uint>
{
    /// <summary>Number of the kind of grey images.</summary>
    public const int Kind = 1;

    /// <summary>Number of the kind of RGB images.</summary>
    public const int ColourKind = 3;

    private readonly ExamplesHeader _header;
    private readonly int _channels;
    private readonly IncomingArray<int> _rowStarts;
    private readonly IncomingArray<byte> _labels;

    public IncomingImages(in ExamplesHeader header)
        : base(header.Count, header.Third)
    {
        (int count, int height, int width, int entries) = (header.Count, header.First, header.Second, header.Third);
        _channels = header.Kind == ColourKind ? 3 : 1;
        if (count < 1 || !ImageSet.IsSize(height, width, _channels) || entries < 0
            || entries > (Int128)count * ((height * width * _channels + 1) / 2))
            throw new ArgumentException(
                $"{count} images of {height} x {width} pixels in {_channels} channels with {entries} entries, which do not belong "
                    + "together");
        _header = header;
        _rowStarts = new IncomingArray<int>(count + 1L);
        _labels = new IncomingArray<byte>(count);
        Index = [_rowStarts, _labels];
    }

    public override IReadOnlyList<IncomingArray> Index { get; }

    public override void Check(int example) => ImageSet.CheckRow(example, Elements(example), _header.First * _header.Second * _channels);

    protected override void CheckIndex() => ImageSet.CheckRowStarts(_rowStarts.Values.Span, _labels.Values.Length, _header.Third);

    protected override (int Start, int Count) Place(int example)
    {
        ReadOnlySpan<int> starts = _rowStarts.Values.Span;
        return (starts[example], starts[example + 1] - starts[example]);
    }

    protected override Examples Make(ReadOnlyMemory<uint> content) =>
        ImageSet.FromCompressed(_header.First, _header.Second, _channels, _rowStarts.Values, content, _labels.Values);
}
