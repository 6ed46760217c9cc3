using Lockstep.Model.Data;

namespace Lockstep.Model.Evaluation;

/// <summary>
/// Sums the errors of each output against the targets, in double precision in the order of the examples. NaN propagates.
/// </summary>
/// <param name="outputs">Outputs of the model.</param>
internal sealed class TargetErrors(int outputs)
{
    private readonly double[] _squares = new double[outputs], _absolutes = new double[outputs];

    /// <summary>Adds rows.</summary>
    /// <param name="predictions">[rows, stride] outputs of the model.</param>
    /// <param name="stride">Floats of a row, with padding.</param>
    /// <param name="targets">[rows, outputs] targets.</param>
    public void Add(ReadOnlySpan<float> predictions, int stride, ReadOnlySpan<float> targets)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            int output = i % outputs;
            double difference = (double)predictions[i / outputs * stride + output] - targets[i];
            _squares[output] += difference * difference;
            _absolutes[output] += Math.Abs(difference);
        }
    }

    /// <summary>The score of each output.</summary>
    /// <param name="examples">The examples that were added.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">Their number.</param>
    public TargetScore[] Scores(Examples examples, int first, int count)
    {
        ReadOnlySpan<float> targets = examples.Targets.Slice(first * outputs, count * outputs);
        var scores = new TargetScore[outputs];
        for (int output = 0; output < outputs; output++)
        {
            double sum = 0, squares = 0;
            for (int i = output; i < targets.Length; i += outputs)
                sum += targets[i];
            double mean = sum / count;
            for (int i = output; i < targets.Length; i += outputs)
                squares += (targets[i] - mean) * (targets[i] - mean);
            double r2 = squares != 0 ? 1 - _squares[output] / squares : _squares[output] == 0 ? 1 : 0;
            scores[output] = new TargetScore(r2, _squares[output] / count, _absolutes[output] / count);
        }

        return scores;
    }
}
