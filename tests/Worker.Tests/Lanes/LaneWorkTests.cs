using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Tests.Lanes;

public class LaneWorkTests
{
    private static readonly RunSpec Spec = SmallSpec.Of(shards: 4);
    private static readonly ParameterLayout Layout = new(Spec.Model);
    private static readonly TreeNode[] Halves = [new(1, 0), new(1, 1)];
    private readonly LaneWork _work = new(2, Spec, Layout, TimeProvider.System);

    public LaneWorkTests() => _work.HaveExamples(long.MaxValue);

    [Fact]
    public void Finish_OfAStepThatIsOver_IsDroppedAndItsBuffersAreFreeAgain()
    {
        LaneTask stale = BeginAndTake(step: 0);
        WeightsBuffer weights = Begin(step: 1);
        Assert.Null(_work.Finish(stale, out _));
        Assert.Equal(0, stale.Weights!.Readers);
        Assert.True(_work.TryTake(null, out LaneTask task));
        Assert.Equal((1, weights), (task.Step, task.Weights));
        Assert.Same(stale.Result, task.Result);
        Assert.Same(task.Result, _work.Finish(task, out _));
    }

    [Fact]
    public void TryTakeBuffer_WhileLanesReadAllOthers_IsFalseUntilOneIsDone()
    {
        LaneTask first = BeginAndTake(step: 0), second = BeginAndTake(step: 1);
        Begin(step: 2);
        Assert.False(_work.TryTakeBuffer(out _));
        _work.Finish(first, out _);
        Assert.True(_work.TryTakeBuffer(out WeightsBuffer? free));
        Assert.Same(first.Weights, free);
        Assert.NotSame(second.Weights, free);
    }

    [Fact]
    public void Sent_ResultInASlot_IsFreeAgainWithTheNextStepOnly()
    {
        _work.ShareGradients([new AlignedBuffer(Layout.TrainableLength)]);
        LaneTask first = BeginAndTake(step: 0);
        NodeResult sent = _work.Finish(first, out _)!;
        Assert.Equal(0, sent.Slot);
        _work.Sent(sent, isKept: false);
        Assert.True(_work.TryTake(null, out LaneTask second));
        Assert.Null(second.Result!.Slot);
        Assert.Same(sent, BeginAndTake(step: 1).Result);
    }

    [Fact]
    public void TryTake_NothingLeft_PreparesTheNextStepOnceAndThenTakesWhatWasPrepared()
    {
        BeginAndTake(step: 0);
        Assert.True(_work.TryTake(null, out LaneTask _));
        Assert.True(_work.TryTake(null, out LaneTask first));
        Assert.True(_work.TryTake(null, out LaneTask second));
        Assert.Equal((1, null), (second.Step, second.Weights));
        Assert.False(_work.TryTake(second.Item, out _));
        Assert.False(_work.TryTake(null, out _));

        Begin(step: 1);
        Assert.True(_work.TryTake(second.Item, out LaneTask taken));
        Assert.Equal(second.Item, taken.Item);
        Assert.NotEqual(first.Item, taken.Item);
    }

    /// <summary>As when more is requested while the slices of the weights are on their way.</summary>
    [Fact]
    public void Extend_OfAStepThatHasNotBegun_IsTakenWhenItBegins()
    {
        Begin(step: 3);
        _work.Extend(4, [new TreeNode(0, 3)]);
        Begin(step: 4);
        Assert.True(_work.TryTake(null, out _));
        Assert.True(_work.TryTake(null, out _));
        Assert.True(_work.TryTake(null, out LaneTask task));
        Assert.Equal((4, new TreeNode(0, 3)), (task.Step, task.Item.Node));
    }

    [Fact]
    public void Extend_OfAStepThatIsOver_IsIgnored()
    {
        Begin(step: 3);
        _work.Extend(2, [new TreeNode(0, 3)]);
        Assert.True(_work.TryTake(null, out _));
        Assert.True(_work.TryTake(null, out _));
        Assert.True(_work.TryTake(null, out LaneTask task));
        Assert.Null(task.Weights);
        _work.Extend(3, [new TreeNode(0, 3)]);
        Assert.True(_work.TryTake(null, out task));
        Assert.Equal((3, new TreeNode(0, 3)), (task.Step, task.Item.Node));
    }

    [Fact]
    public void TryTake_ExamplesOfTheStepOnTheirWay_WaitsForThem()
    {
        _work.HaveExamples(2);
        BeginAndTake(step: 1);
        Assert.True(_work.TryTake(null, out LaneTask second));
        Assert.Equal(1, second.Step);
        Assert.False(_work.TryTake(null, out _)); // Nothing of step 2 is prepared.

        Begin(step: 2);
        Assert.False(_work.TryTake(null, out _));
        _work.HaveExamples(3);
        Assert.True(_work.TryTake(null, out LaneTask task));
        Assert.Equal(2, task.Step);
    }

    private WeightsBuffer Begin(long step)
    {
        Assert.True(_work.TryTakeBuffer(out WeightsBuffer? weights));
        _work.Begin(step, weights, Halves);
        return weights;
    }

    private LaneTask BeginAndTake(long step)
    {
        Begin(step);
        Assert.True(_work.TryTake(null, out LaneTask task));
        return task;
    }
}
