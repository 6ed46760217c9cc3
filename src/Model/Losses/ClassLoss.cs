using Lockstep.Model.Data;

namespace Lockstep.Model.Losses;

/// <summary>A loss whose targets are classes.</summary>
/// <param name="classes">Outputs of the model.</param>
internal abstract class ClassLoss(int classes) : Loss
{
    private byte[] _labels = [];

    /// <summary>Number of classes.</summary>
    protected int Classes => classes;

    /// <summary>Class of each row.</summary>
    protected ReadOnlySpan<byte> Labels => _labels;

    /// <exception cref="ArgumentException">A label is not a class of the model.</exception>
    public override void Load(Examples examples, ReadOnlySpan<int> indices)
    {
        if (_labels.Length < indices.Length)
            _labels = new byte[indices.Length];
        ReadOnlySpan<byte> all = examples.Labels;
        for (int row = 0; row < indices.Length; row++)
        {
            byte label = all[indices[row]];
            if (label >= classes)
                throw new ArgumentException(
                    $"Example {indices[row]} has label {label}; the model has {classes} classes.", nameof(examples));
            _labels[row] = label;
        }
    }
}
