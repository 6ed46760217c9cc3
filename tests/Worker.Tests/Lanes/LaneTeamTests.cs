using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Tests.Lanes;

public class LaneTeamTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);
    private readonly ImageSet _images = MakeImages(64);
    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly ReductionTree _tree;

    public LaneTeamTests()
    {
        _spec = new RunSpec
        {
            Model = ModelSpec.Parse("36-16-4", keepProb: 0.5),
            Seed = 3,
            BatchSize = 20,
            Shards = 7,
            TotalSteps = 10,
            Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 0 },
            Data = new DataSpec { Name = "test", Sha256 = "", TrainingExamples = 64, ValidationExamples = 1 },
        };
        _layout = new ParameterLayout(_spec.Model);
        _tree = new ReductionTree(_spec.Shards);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(8, true)]
    public void Begin_AnyNumberOfLanes_SendsTheBytesOfOneLane(int lanes, bool firstIsCaller)
    {
        (float[] expected, NodeStatistics statistics) = ComputeDirectly(step: 2, _tree.Root);
        var sent = new BlockingCollection<(long Step, TreeNode Node, float[] Gradient, NodeStatistics Statistics)>();
        using LaneTeam team = Start(lanes, sent, firstIsCaller);
        for (int repetition = 0; repetition < 20; repetition++)
        {
            team.Begin(2, Weights(team), [_tree.Root]);
            Assert.True(TryTake(team, sent, out var result), "waited for the root's gradient");
            Assert.Equal((2L, _tree.Root, statistics), (result.Step, result.Node, result.Statistics));
            Assert.Equal(expected, result.Gradient);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Begin_StepAfterStep_SendsWhatALaneGivesThatPreparedNothing(int lanes)
    {
        var sent = new BlockingCollection<(long Step, TreeNode Node, float[] Gradient, NodeStatistics Statistics)>();
        using LaneTeam team = Start(lanes, sent);
        TreeNode[] all = [new(1, 0), new(1, 1), new(1, 2), new(0, 6)];
        for (int step = 0; step < _spec.TotalSteps; step++)
        {
            // What lanes expect is wrong now and then, as after a change of the roster.
            TreeNode[] nodes = step % 3 == 2 ? all[1..3] : all;
            team.Begin(step, Weights(team), nodes);
            foreach (TreeNode _ in nodes)
            {
                Assert.True(TryTake(team, sent, out var result), "waited for the nodes of a step");
                Assert.Equal(step, result.Step);
                (float[] gradient, NodeStatistics statistics) = ComputeDirectly(step, result.Node);
                Assert.Equal(gradient, result.Gradient);
                Assert.Equal(statistics, result.Statistics);
            }
        }
    }

    [Fact]
    public void Extend_OfTheCurrentStep_IsComputedToo_AndOfAnotherIsNot()
    {
        var sent = new BlockingCollection<(long Step, TreeNode Node, float[] Gradient, NodeStatistics Statistics)>();
        using LaneTeam team = Start(1, sent);
        var left = new TreeNode(2, 0);
        var extra = new TreeNode(0, 6);
        team.Begin(1, Weights(team), [left]);
        team.Extend(7, [new TreeNode(0, 5)]);
        team.Extend(1, [extra]);
        var nodes = new List<TreeNode>();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(TryTake(team, sent, out var result), "waited for two nodes");
            Assert.Equal(1, result.Step);
            Assert.Equal(ComputeDirectly(1, result.Node).Gradient, result.Gradient);
            nodes.Add(result.Node);
        }

        Assert.Equal([left, extra], nodes);
        Assert.False(sent.TryTake(out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ShareGradients_SlotsOfTheCoordinator_HaveWhatIsSentUntilTheNextStep(int lanes)
    {
        AlignedBuffer[] slots = [new(_layout.TrainableLength), new(_layout.TrainableLength)];
        var sent = new BlockingCollection<(long Step, TreeNode Node, NodeResult Result)>();
        using var team = new LaneTeam(
            lanes, _spec, _layout, _images, (step, node, result, _) => Kept(() => sent.Add((step, node, result))),
            exception => Assert.Fail(exception.ToString()), firstIsCaller: true);
        team.HaveExamples(long.MaxValue);
        team.ShareGradients(slots);
        TreeNode[] nodes = [new(1, 0), new(1, 1), new(1, 2), new(0, 6)];
        for (int step = 0; step < 5; step++)
        {
            team.Begin(step, Weights(team), nodes);
            var results = new List<(TreeNode Node, NodeResult Result)>();
            foreach (TreeNode _ in nodes)
            {
                Assert.True(TryTake(team, sent, out var result), "waited for the nodes of a step");
                Assert.Equal(step, result.Step);
                results.Add((result.Node, result.Result));
            }

            (TreeNode Node, NodeResult Result)[] shared = [.. results.Where(result => result.Result.Slot is not null)];
            Assert.Equal([0, 1], shared.Select(result => result.Result.Slot!.Value).Order());
            foreach ((TreeNode node, NodeResult result) in shared)
                Assert.Equal(ComputeDirectly(step, node).Gradient, slots[result.Slot!.Value].Span.ToArray());
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lane_IsScheduledSoThatItDisplacesNoThread(bool firstIsCaller)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux only.");
        var sent = new BlockingCollection<string>();
        using var team = new LaneTeam(
            2, _spec, _layout, _images, (_, _, _, _) => Kept(() => sent.Add(File.ReadAllText("/proc/thread-self/stat"))),
            exception => Assert.Fail(exception.ToString()), firstIsCaller);
        team.HaveExamples(long.MaxValue);
        team.Begin(0, Weights(team), [new TreeNode(1, 0), new TreeNode(1, 1)]);
        for (int node = 0; node < 2; node++)
        {
            Assert.True(TryTake(team, sent, out string? stat), "waited for two nodes");
            // proc(5): the policy is field 41; the third comes after the name in brackets. SCHED_BATCH is 3.
            Assert.Equal("3", stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[41 - 3]);
        }
    }

    private static bool Kept(Action send, bool isKept = true)
    {
        send();
        return isKept;
    }

    /// <summary>The next that a lane sends: the first lane may be this thread.</summary>
    private static bool TryTake<T>(LaneTeam team, BlockingCollection<T> sent, [MaybeNullWhen(false)] out T result)
    {
        while (team.TryRun())
        {
        }

        return sent.TryTake(out result, Deadline);
    }

    private LaneTeam Start(
        int lanes, BlockingCollection<(long, TreeNode, float[], NodeStatistics)> sent, bool firstIsCaller = true)
    {
        var team = new LaneTeam(
            lanes, _spec, _layout, _images,
            (step, node, result, _) => Kept(() => sent.Add((step, node, result.Gradient.Span.ToArray(), result.Statistics)), isKept: false),
            exception => Assert.Fail(exception.ToString()), firstIsCaller);
        team.HaveExamples(long.MaxValue);
        return team;
    }

    private WeightsBuffer Weights(LaneTeam team)
    {
        WeightsBuffer weights = team.TakeBuffer();
        Initialization.Fill(_spec, _layout, weights.Values.Span);
        return weights;
    }

    private (float[] Gradient, NodeStatistics Statistics) ComputeDirectly(long step, TreeNode node)
    {
        float[] weights = new float[_layout.Length], gradient = new float[_layout.Length];
        Initialization.Fill(_spec, _layout, weights);
        var lane = new GradientLane(_spec, _layout, _images, new ExampleOrder(_spec));
        NodeStatistics statistics = lane.Compute(node, BatchPosition.Of(_spec, step), weights, gradient);
        return (gradient, statistics);
    }

    private static ImageSet MakeImages(int count)
    {
        var random = new Random(1);
        byte[] pixels = new byte[count * 36], labels = new byte[count];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = random.Next(4) == 0 ? (byte)random.Next(1, 256) : (byte)0;
        for (int i = 0; i < count; i++)
            labels[i] = (byte)random.Next(4);
        return ImageSet.FromDense(pixels, labels, 6, 6);
    }
}
