using System.Globalization;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;

namespace Lockstep.Model.Training;

/// <summary>
/// Training diverged: a step's loss, or a weight or optimizer state that it wrote, is NaN or infinite. A run that is resumed diverges in the same step:
/// every step follows from the run spec.
/// </summary>
public sealed class DivergenceException : Exception
{
    private DivergenceException(long step, long lastFiniteStep, string problem)
        : base(string.Create(CultureInfo.InvariantCulture, $"Training diverged in step {step + 1:N0}: {problem}.")) => LastFiniteStep = lastFiniteStep;

    /// <summary>
    /// Completed steps whose weights are finite, and give the next batch a finite loss: checkpoints up to it can begin another run. -1 where the
    /// initial weights do not.
    /// </summary>
    public long LastFiniteStep { get; }

    /// <summary>Why a step diverged; null if it did not.</summary>
    /// <param name="step">Completed steps before it.</param>
    /// <param name="lossSum">Its loss.</param>
    /// <param name="isFinite">Whether its update wrote finite values only; if not, they are looked for.</param>
    /// <param name="layout">Layout of the weights.</param>
    /// <param name="weights">The flat vector that it wrote; not read where it is finite.</param>
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

        // Where no weight says it, a gradient overflowed in the optimizer's state.
        return new DivergenceException(step, step, NonFiniteValues.Join(descriptions) ?? "the state of the optimizer is not finite");
    }
}
