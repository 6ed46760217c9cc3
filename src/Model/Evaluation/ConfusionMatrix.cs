namespace Lockstep.Model.Evaluation;

/// <summary>Counts of images by true class (rows) and predicted class (columns).</summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classes">Number of classes, at least 1.</param>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
        _counts = new long[classes * classes];
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Number of images.</summary>
    public long Total => _counts.Sum();

    /// <summary>Images on the diagonal.</summary>
    public long Correct => Enumerable.Range(0, Classes).Sum(label => this[label, label]);

    /// <summary>Images of class <paramref name="label"/> predicted as <paramref name="answer"/>.</summary>
    public long this[int label, int answer] => _counts[Index(label, answer)];

    /// <summary>Counts one image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Label or prediction is not a class.</exception>
    public void Add(int label, int answer) => _counts[Index(label, answer)]++;

    /// <summary>Images of a class.</summary>
    public long Images(int label) => Enumerable.Range(0, Classes).Sum(answer => this[label, answer]);

    /// <summary>Precision, recall and F1 of a class.</summary>
    public ClassScores Scores(int label) =>
        new(Images(label), Enumerable.Range(0, Classes).Sum(other => this[other, label]), this[label, label]);

    private int Index(int label, int answer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfNegative(answer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(answer, Classes);
        return label * Classes + answer;
    }
}
