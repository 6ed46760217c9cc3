using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare.Rows;

/// <summary>
/// Rows a and j: training on one core, over the rate at which the core's measured peak would do the dense matrix products.
/// </summary>
internal static class OneCoreOverRoofline
{
    public static Task<IReadOnlyList<Finding>> SmallAsync(BenchContext context) =>
        Task.FromResult<IReadOnlyList<Finding>>(
            [Measure(context, "a", "784-256-10", batch: 128, steps: 430, verifiedSteps: 8, Goal.Least(2.0, 2.5))]);

    public static Task<IReadOnlyList<Finding>> OthersAsync(BenchContext context) => Task.FromResult<IReadOnlyList<Finding>>(
    [
        Measure(context, "j", "784-2048-2048-10", batch: 512, steps: 5, verifiedSteps: 1, Goal.Least(0.9, 0.95)),
        Measure(context, "j", "784-10", batch: 512, steps: 430, verifiedSteps: 8, Goal.Least(0.9, 1.2)),
    ]);

    private static Finding Measure(BenchContext context, string row, string model, int batch, int steps, int verifiedSteps, Goal goal)
    {
        RunSpec spec = context.Spec(model, batch);
        double flops = DenseWork.Flops(spec.Model);
        var core = new OneCore(context.Data.Training, spec, steps, verifiedSteps);
        var peaks = new List<double>();
        var rates = new List<double>();
        for (int round = 0; round < context.Rounds; round++)
        {
            peaks.Add(FmaPeak.Measure(TimeSpan.FromSeconds(0.3)) / flops);
            rates.Add(core.Measure());
        }

        var roofline = new Series($"dense limit of one core, {spec.Model}", "examples/s", peaks);
        var training = new Series($"`LocalTrainer`, {spec.Model}, one thread, B={batch}", "examples/s", rates);
        return new Finding
        {
            Row = row,
            What = $"one core, {spec.Model}, B={batch}, over the dense limit",
            Figure = training.Over(roofline, "ratio"),
            Goal = goal,
            Measured = [training, roofline],
            Note = $"{flops:N0} flop an example in the dense products; {verifiedSteps} steps verified against the scalar kernels",
        };
    }
}
