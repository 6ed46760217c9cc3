using System.Diagnostics;
using Lockstep.Model.Data;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Bench.Compare;

/// <summary>Training steps on one core, in this process.</summary>
internal sealed class OneCore
{
    private readonly LocalTrainer _trainer;
    private readonly RunSpec _spec;
    private readonly int _steps;

    /// <summary>Verifies that the kernels that are timed give the bits of the scalar ones, and warms up.</summary>
    /// <param name="examples">The data.</param>
    /// <param name="spec">The training.</param>
    /// <param name="steps">Steps of a measurement.</param>
    /// <param name="verifiedSteps">Steps that are compared.</param>
    public OneCore(Examples examples, RunSpec spec, int steps, int verifiedSteps)
    {
        (_spec, _steps) = (spec, steps);
        _trainer = new LocalTrainer(spec, examples);
        var reference = new LocalTrainer(spec, examples, SimdWidth.Scalar);
        reference.Run(verifiedSteps);
        _trainer.Run(verifiedSteps);
        Check.Equal(
            $"weights of {spec.Model} after {verifiedSteps} steps, by the fast kernels and by the scalar ones", _trainer.WeightsSha256,
            reference.WeightsSha256);
        _trainer.Run(steps);
    }

    /// <summary>Examples per second.</summary>
    public double Measure()
    {
        var clock = Stopwatch.StartNew();
        _trainer.Run(_steps);
        return _steps * (double)_spec.BatchSize / clock.Elapsed.TotalSeconds;
    }
}
