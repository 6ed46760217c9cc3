using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>A <see cref="FeatureSet"/> being received: labels or targets, then values.</summary>
internal sealed class IncomingFeatures : IncomingExamples<float>
{
    /// <summary>Number of the kind of rows with classes.</summary>
    public const int Kind = 2;

    /// <summary>Number of the kind of rows with targets.</summary>
    public const int TargetsKind = 4;

    private readonly int _count, _features, _outputs;
    private readonly IncomingArray<byte>? _labels;
    private readonly IncomingArray<float>? _targets;

    public IncomingFeatures(in ExamplesHeader header)
        : base(header.Count, (long)header.Count * header.First)
    {
        bool hasTargets = header.Kind == TargetsKind;
        if (header.Count < 1 || header.First is < 1 or > FeatureSet.MaxFeatures || header.Third != 0
            || (hasTargets ? !Ranges.Outputs.Contains(header.Second) : header.Second != 0))
            throw new ArgumentException(
                $"{header.Count} rows of {header.First} features with {header.Second} and {header.Third}, which do not belong together");
        _count = header.Count;
        _features = header.First;
        _outputs = header.Second;
        if (hasTargets)
            Index = [_targets = new IncomingArray<float>((long)_count * _outputs)];
        else
            Index = [_labels = new IncomingArray<byte>(_count)];
    }

    public override IReadOnlyList<IncomingArray> Index { get; }

    public override void Check(int example) => FeatureSet.CheckFinite(Elements(example), _features, example);

    protected override void CheckIndex()
    {
        if (_targets is not null)
            FeatureSet.CheckTargets(_targets.Values.Span, _outputs);
    }

    protected override (int Start, int Count) Place(int example) => (example * _features, _features);

    protected override Examples Make(ReadOnlyMemory<float> content) => _targets is { } targets
        ? FeatureSet.OfChecked(content, new byte[_count], _features, targets.Values, _outputs)
        : FeatureSet.OfChecked(content, _labels!.Values, _features);
}
