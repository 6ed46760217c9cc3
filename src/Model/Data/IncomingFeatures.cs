namespace Lockstep.Model.Data;

/// <summary>A <see cref="FeatureSet"/> being received: labels, then values.</summary>
internal sealed class IncomingFeatures : IncomingExamples<float>
{
    /// <summary>Number of the kind.</summary>
    public const int Kind = 2;

    private readonly int _features;
    private readonly IncomingArray<byte> _labels;

    public IncomingFeatures(in ExamplesHeader header)
        : base(header.Count, (long)header.Count * header.First)
    {
        if (header.Count < 1 || header.First is < 1 or > FeatureSet.MaxFeatures || header.Second != 0 || header.Third != 0)
            throw new ArgumentException(
                $"{header.Count} rows of {header.First} features with {header.Second} and {header.Third}, which do not belong together");
        _features = header.First;
        _labels = new IncomingArray<byte>(header.Count);
        Index = [_labels];
    }

    public override IReadOnlyList<IncomingArray> Index { get; }

    public override void Check(int example) => FeatureSet.CheckFinite(Elements(example), _features, example);

    protected override void CheckIndex()
    {
    }

    protected override (int Start, int Count) Place(int example) => (example * _features, _features);

    protected override Examples Make(ReadOnlyMemory<float> content) => FeatureSet.OfChecked(content, _labels.Values, _features);
}
