using Lockstep.Coordinator.Server;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator.Tests.Server;

public class TraceBatchesTests
{
    [Fact]
    public void TryAdd_WhileTheDiskHangs_EndsAtTheBound()
    {
        var batches = new TraceBatches(batchSteps: 3, maxBatches: 2);
        var handedOver = new List<List<TracedStep>>();
        long step = 0;
        while (true)
        {
            if (batches.TryAdd(new TracedStep(step + 1, new Hash128(0, 7))))
                step++;
            else if (batches.Take() is { } full)
                handedOver.Add(full);
            else
                break;
        }

        Assert.Equal(6, step);
        Assert.Equal([1L, 2, 3, 4, 5, 6], handedOver.SelectMany(batch => batch).Select(traced => traced.Step));

        batches.Return(handedOver[0]);

        Assert.True(batches.TryAdd(new TracedStep(7, new Hash128(0, 7))));
        Assert.Equal([7L], batches.Take()!.Select(traced => traced.Step));
    }

    [Fact]
    public void Take_UnlessBusyWhileTheDiskHangs_FillsTheBatchesThatThereAre()
    {
        var batches = new TraceBatches(batchSteps: 3, maxBatches: 4);
        var handedOver = new Queue<List<TracedStep>>();
        long step = 0;
        while (batches.TryAdd(new TracedStep(step + 1, new Hash128(0, 7))))
        {
            step++;
            if (batches.Take(unlessBusy: true) is { } batch)
                handedOver.Enqueue(batch);
        }

        // One step each in the two that the disk was given at once, and the others are full.
        Assert.Equal(["1", "2", "3 4 5", "6 7 8"], handedOver.Select(batch => string.Join(' ', batch.Select(traced => traced.Step))));
    }
}
