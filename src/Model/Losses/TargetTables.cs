using Lockstep.Model.Memory;

namespace Lockstep.Model.Losses;

/// <summary>
/// The targets of a softmax cross-entropy with smoothed labels and class weights, one row a label. With smoothing e and weights w over C
/// classes, the target of class c for label y, and the sum over the classes, are
/// <code>
/// base[c] = w[c] · e / C     peak[y] = w[y] · (1 - e)     q[c] = base[c] + (c = y ? peak[y] : 0)
/// total[y] = peak[y] + Σ base[c] in the order of c
/// </code>
/// All are computed in double precision; the gradient uses them rounded to single precision. This is the target of PyTorch's
/// <c>CrossEntropyLoss(weight=w, label_smoothing=e)</c>.
/// </summary>
internal sealed class TargetTables
{
    /// <param name="smoothing">e, in [0, 1).</param>
    /// <param name="weights">w, one a class; empty for 1 each.</param>
    /// <param name="classes">C.</param>
    /// <exception cref="ArgumentException">The weights are not one a class.</exception>
    public TargetTables(double smoothing, IReadOnlyList<double> weights, int classes)
    {
        if (weights.Count != 0 && weights.Count != classes)
            throw new ArgumentException($"{weights.Count} class weights; expected {classes}, one for each class.", nameof(weights));
        IsSmoothed = smoothing != 0.0;
        Base = new double[classes];
        Peak = new double[classes];
        Total = new double[classes];
        SingleBase = new float[RowPadding.Pad(classes)];
        double sum = 0.0;
        for (int c = 0; c < classes; c++)
        {
            double weight = weights.Count == 0 ? 1.0 : weights[c];
            Base[c] = weight * smoothing / classes;
            Peak[c] = weight * (1.0 - smoothing);
            SingleBase[c] = (float)Base[c];
            sum += Base[c];
        }

        for (int c = 0; c < classes; c++)
            Total[c] = Peak[c] + sum;
    }

    /// <summary>Whether the targets of the other classes are not all zero.</summary>
    public bool IsSmoothed { get; }

    /// <summary>[classes].</summary>
    public double[] Base { get; }

    /// <summary>[classes] by label.</summary>
    public double[] Peak { get; }

    /// <summary>[classes] by label.</summary>
    public double[] Total { get; }

    /// <summary><see cref="Base"/> in single precision, padded with zeros to a multiple of 16.</summary>
    public float[] SingleBase { get; }
}
