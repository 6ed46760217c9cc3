using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;

namespace Lockstep.Shared.Tests.Slicing;

public class SlicePlanTests
{
    private const int Length = 205_072, Shards = 256;
    private static readonly ReductionTree Tree = new(Shards);

    public static TheoryData<int> Workers => [1, 2, 3, 5, 8, 9, 10, 16, 17, 31, 37, 64, 65, 97, 100, 256];

    [Theory]
    [MemberData(nameof(Workers))]
    public void Parts_OfAllWorkers_AreEveryFloatOnce(int workers)
    {
        SlicePlan plan = PlanOf(workers);

        Slice[] parts = [.. Enumerable.Range(0, workers).SelectMany(plan.PartsAddedBy).Select(part => part.Part).OrderBy(part => part.First)];

        Assert.Equal(0, parts[0].First);
        Assert.Equal(Length, parts[^1].End);
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.First));
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public void RowSlices_OfEachRow_AreEveryFloatOnce(int workers)
    {
        SlicePlan plan = PlanOf(workers);

        for (int worker = 0; worker < workers; worker++)
            Assert.Equal(Length, plan.RowMates(worker).Append(worker).Sum(mate => plan.RowSlice(mate).Count));
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public void Columns_OfAllHeads_AreEveryFloatOnce(int workers)
    {
        SlicePlan plan = PlanOf(workers);

        Slice[] columns = [.. Enumerable.Range(0, workers).SelectMany(plan.ColumnsHeadedBy)];

        Assert.Equal(Length, columns.Sum(column => column.Count));
        Assert.Equal(plan.Columns, columns.Length);
    }

    /// <summary>What it sends of weights and gradients. The coordinator sends and receives one of each.</summary>
    [Theory]
    [MemberData(nameof(Workers))]
    public void Traffic_OfAnyWorker_IsAboutTwoGradients(int workers)
    {
        SlicePlan plan = PlanOf(workers);

        for (int worker = 0; worker < workers; worker++)
        {
            bool isHead = plan.Rows > 1 && plan.ColumnsHeadedBy(worker).Any();
            long parts = plan.PartsOf(worker).Sum(part => (long)part.Part.Count);
            long up = plan.RowMates(worker).Sum(mate => (long)plan.RowSlice(mate).Count) + parts + (isHead ? parts : 0);
            long down = plan.RowMates(worker).Count() * (long)plan.RowSlice(worker).Count + (isHead ? parts : 0)
                + plan.PartsAddedBy(worker).Sum(part => (long)part.Part.Count * (plan.HoldersOf(part.Part).Count() - 1));
            // A head has a column more of each. Where rows cannot be equal, some workers of a shorter one have two columns.
            Assert.InRange(up + down, 0, (long)((workers % plan.Rows == 0 ? 2.05 + 1.0 / plan.Columns : 3.1) * Length));
        }
    }

    [Theory]
    [InlineData(64, 14)]
    [InlineData(256, 30)]
    public void MatesOf_ManyWorkers_AreThoseOfOneRowAndOneColumn(int workers, int expected)
    {
        SlicePlan plan = PlanOf(workers);

        Assert.All(Enumerable.Range(0, workers), worker => Assert.Equal(expected, plan.MatesOf(worker).Count));
    }

    [Theory]
    [MemberData(nameof(Workers))]
    public void MatesOf_EachOther_IsMutual(int workers)
    {
        SlicePlan plan = PlanOf(workers);

        for (int worker = 0; worker < workers; worker++)
            Assert.All(plan.MatesOf(worker), mate => Assert.Contains(worker, plan.MatesOf(mate)));
    }

    [Fact]
    public void Nodes_WorkersOfAllShards_AreTheRoot() => Assert.Equal([Tree.Root], PlanOf(9).Nodes);

    [Fact]
    public void Nodes_WorkersOfSomeShards_AreTheFewestThatCoverThem()
    {
        var plan = new SlicePlan(Length, Tree, [[new TreeNode(0, 1)], [new TreeNode(1, 1)], [new TreeNode(2, 2)]], rows: 1);

        Assert.Equal([new TreeNode(0, 1), new TreeNode(1, 1), new TreeNode(2, 2)], plan.Nodes);
    }

    private static SlicePlan PlanOf(int workers) => new(
        Length, Tree,
        [.. Enumerable.Range(0, workers).Select(worker => Tree.Cover(worker * Shards / workers, (worker + 1) * Shards / workers).ToArray())],
        SlicePlan.RowsFor(workers));
}
