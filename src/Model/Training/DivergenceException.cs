using System.Globalization;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Training;

/// <summary>
/// Training diverged: the loss of a step, or a weight or optimizer state that it wrote, is NaN or infinite. A resumed run diverges in the
/// same step, because every step is determined by the run spec.
/// </summary>
public sealed class DivergenceException : Exception
{
    private DivergenceException(long step, long lastFiniteStep, string problem)
        : base(string.Create(CultureInfo.InvariantCulture, $"Training diverged in step {step + 1:N0}: {problem}.")) =>
            LastFiniteStep = lastFiniteStep;

    /// <summary>
    /// The last step with finite weights that give the next batch a finite loss: checkpoints up to it can start another run. -1 if the
    /// initial weights do not.
    /// </summary>
    public long LastFiniteStep { get; }

    /// <summary>Returns why a step diverged; null if it did not.</summary>
    /// <param name="step">Steps completed before it.</param>
    /// <param name="lossSum">Its loss.</param>
    /// <param name="isFinite">Whether its update wrote only finite values; if not, this searches for the others.</param>
    /// <param name="layout">Layout of the weights.</param>
    /// <param name="weights">The flat vector that it wrote; not read if <paramref name="isFinite"/>.</param>
    public static DivergenceException? Find(long step, double lossSum, bool isFinite, ParameterLayout layout, ReadOnlySpan<float> weights)
    {
        if (!double.IsFinite(lossSum))
            return new DivergenceException(step, step - 1, string.Create(CultureInfo.InvariantCulture, $"its loss is {lossSum}"));
        if (isFinite)
            return null;
        ArgumentNullException.ThrowIfNull(layout);
        var descriptions = new List<string?>();
        foreach (Parameter parameter in layout.Trainable)
        {
            float[] values = new float[parameter.Count];
            parameter.CopyOut(weights, values);
            descriptions.Add(NonFiniteValues.Describe(parameter.Name, parameter.Shape, values));
        }

        // If all weights are finite, a gradient overflowed in the optimizer's state.
        return new DivergenceException(step, step, NonFiniteValues.Join(descriptions) ?? "the state of the optimizer is not finite");
    }
}
