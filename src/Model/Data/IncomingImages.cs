namespace Lockstep.Model.Data;

/// <summary>An <see cref="ImageSet"/> being received: row starts, entries, labels.</summary>
internal sealed class IncomingImages : IncomingExamples
{
    /// <summary>Number of the kind of grey images.</summary>
    public const int Kind = 1;

    /// <summary>Number of the kind of RGB images.</summary>
    public const int ColourKind = 3;

    private readonly ExamplesHeader _header;
    private readonly int _channels;
    private readonly IncomingArray<int> _rowStarts;
    private readonly IncomingArray<uint> _entries;
    private readonly IncomingArray<byte> _labels;

    public IncomingImages(in ExamplesHeader header)
    {
        (int count, int height, int width, int entries) = (header.Count, header.First, header.Second, header.Third);
        _channels = header.Kind == ColourKind ? 3 : 1;
        if (count < 1 || !ImageSet.IsSize(height, width, _channels) || entries < 0
            || entries > (Int128)count * ((height * width * _channels + 1) / 2))
            throw new ArgumentException(
                $"{count} images of {height} x {width} pixels in {_channels} channels with {entries} entries, which do not belong together");
        _header = header;
        _rowStarts = new IncomingArray<int>(count + 1L);
        _entries = new IncomingArray<uint>(entries);
        _labels = new IncomingArray<byte>(count);
        Arrays = [_rowStarts, _entries, _labels];
    }

    public override IReadOnlyList<IncomingArray> Arrays { get; }

    public override Examples Complete() =>
        new ImageSet(_header.First, _header.Second, _rowStarts.Values, _entries.Values, _labels.Values, _channels);
}
