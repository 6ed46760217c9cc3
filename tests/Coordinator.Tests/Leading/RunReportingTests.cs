using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Tests.Leading;

public class RunReportingTests
{
    [Theory]
    [InlineData(1.0, true)]
    [InlineData(0.9, false)]
    public void FinalEvaluation_ModelThatHasLearntNothing_IsOneWarningAfterAnEpoch(double epochs, bool isTold)
    {
        // Weights of zero give all logits the same size, and the answer 0.
        var images = ImageSet.FromDense(new byte[400], [.. Enumerable.Range(0, 100).Select(i => (byte)(i % 2))], 2, 2);
        TrainingOptions options = SmallRun.Options() with { Data = new Dataset("test", images, images) };
        var state = new RunState(options, run: 1, term: 1);
        var answers = new RecordingMailbox();
        var pool = new WeightsPool(state.Layout, new float[state.Layout.Length]);
        new Evaluator(options, state.Layout, answers).Receive(new EvaluateFinal(pool.Rent(10)));
        var events = new List<RunEvent>();

        RunSpec spec = options.Spec with
        {
            TotalSteps = (long)(10 * epochs),
            Data = options.Spec.Data with { TrainingExamples = 10 },
        };

        using var meter = new RunMeter(state, totalSteps: 10);
        new RunReporting(new Watch(events), meter, workers: null!, followers: null!, spec).Receive(answers.Take()!);

        Assert.Equal(
            isTold
                ? ["The model has learnt nothing: 50.0% of its answers are right, and always giving the most frequent class would be "
                + "right in 50.0%."]
                : [],
            events.Cast<RunEvent.Warning>()
                .Select(warning => warning.Message[..(warning.Message.IndexOf("Train", StringComparison.Ordinal) - 1)]));
    }

    private sealed class Watch(List<RunEvent> events) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => events.Add(value);
    }
}
