namespace Lockstep.Model.Data;

/// <summary>A <see cref="FeatureSet"/> being received: values, labels.</summary>
internal sealed class IncomingFeatures : IncomingExamples
{
    /// <summary>Number of the kind.</summary>
    public const int Kind = 2;

    private readonly int _features;
    private readonly IncomingArray<float> _values;
    private readonly IncomingArray<byte> _labels;

    public IncomingFeatures(in ExamplesHeader header)
    {
        if (header.Count < 1 || header.First is < 1 or > FeatureSet.MaxFeatures || header.Second != 0 || header.Third != 0)
            throw new ArgumentException(
                $"{header.Count} rows of {header.First} features with {header.Second} and {header.Third}, which do not belong together");
        _features = header.First;
        _values = new IncomingArray<float>((long)header.Count * header.First);
        _labels = new IncomingArray<byte>(header.Count);
        Arrays = [_values, _labels];
    }

    public override IReadOnlyList<IncomingArray> Arrays { get; }

    public override Examples Complete() => FeatureSet.TakeOver(_values.Values, _labels.Values, _features);
}
