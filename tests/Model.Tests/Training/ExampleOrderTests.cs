using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class ExampleOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1001)]
    [InlineData(55000)]
    public void Epoch_AnySize_HoldsEveryExampleExactlyOnce(int examples)
    {
        int[] order = new ExampleOrder(TestRuns.Spec(examples: examples)).Epoch(3).ToArray();
        Array.Sort(order);
        Assert.Equal(Enumerable.Range(0, examples), order);
    }

    [Fact]
    public void Epoch_OtherEpochOrSeed_IsAnotherOrder()
    {
        RunSpec spec = TestRuns.Spec(examples: 1000);
        var order = new ExampleOrder(spec);
        int[] first = order.Epoch(0).ToArray();
        Assert.NotEqual(first, order.Epoch(1).ToArray());
        Assert.NotEqual(first, new ExampleOrder(spec with { Seed = 8 }).Epoch(0).ToArray());
        Assert.Equal(first, new ExampleOrder(spec).Epoch(0).ToArray());
    }

    [Fact]
    public void Epoch_ManyEpochs_PutsEveryExampleEverywhere()
    {
        // 5 examples, 24,000 epochs: each of the 120 orders about 200 times.
        var order = new ExampleOrder(TestRuns.Spec(examples: 5));
        var counts = Enumerable.Range(0, 24_000).GroupBy(epoch => string.Join(' ', order.Epoch(epoch).ToArray()))
            .Select(group => group.Count()).ToList();
        Assert.Equal(120, counts.Count);
        Assert.All(counts, count => Assert.InRange(count, 130, 270));
    }

    [Fact]
    public void Epoch_LanesInDifferentEpochs_EachSeeTheirOwn()
    {
        RunSpec spec = TestRuns.Spec(examples: 300);
        var shared = new ExampleOrder(spec);
        int[][] expected = [.. Enumerable.Range(0, 40).Select(epoch => new ExampleOrder(spec).Epoch(epoch).ToArray())];
        // Two lanes an epoch behind the two others.
        for (int epoch = 1; epoch < expected.Length; epoch++)
        {
            Parallel.For(0, 4, lane =>
            {
                int own = epoch - lane % 2;
                Assert.Equal(expected[own], shared.Epoch(own).ToArray());
            });
        }
    }

    [Fact]
    public void Epoch_OfALaneThatSlept_ChangesNothingForTheOthers()
    {
        RunSpec spec = TestRuns.Spec(examples: 300);
        var shared = new ExampleOrder(spec);
        int[] slept = shared.Epoch(0).ToArray();
        ReadOnlySpan<int> current = shared.Epoch(2);
        int[] expected = current.ToArray();
        Assert.Equal(slept, shared.Epoch(0).ToArray());
        Assert.Equal(expected, current);
    }
}
