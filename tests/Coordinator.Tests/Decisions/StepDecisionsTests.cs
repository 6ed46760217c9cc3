using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Tests.Decisions;

public class StepDecisionsTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(5);
    private static readonly WorkerId A = new(1), B = new(2), C = new(3);
    private readonly ReductionTree _tree = new(8);
    private readonly List<string> _discarded = [];
    private readonly StepDecisions<string> _steps;
    private TimeSpan _now;

    public StepDecisionsTests() => _steps = new StepDecisions<string>(_tree, 5, (left, right) => $"({left}+{right})", _discarded.Add);

    private static StepWorker[] Of(params WorkerId[] workers) => [.. workers.Select(worker => new StepWorker(worker, 1))];

    private void Begin(params WorkerId[] workers)
    {
        _steps.ChangeWorkers(Of(workers));
        _steps.Begin(_now);
    }

    private Arrival Arrive(TreeNode node, long step = 5) => _steps.Accept(A, step, node, node.ToString(), Time, _now);

    private IEnumerable<int> Shards(IEnumerable<TreeNode> nodes) =>
        nodes.SelectMany(node => Enumerable.Range(node.FirstShard, _tree.Width(node)));

    [Fact]
    public void Accept_AllNodes_CompletesTheStepOnce()
    {
        Begin(A, B);
        Assert.Equal(Arrival.Fresh, Arrive(new TreeNode(2, 1)));
        Assert.False(_steps.IsComplete);
        Assert.Equal(Arrival.Fresh, Arrive(new TreeNode(2, 0)));
        Assert.True(_steps.IsComplete);
        Assert.Equal("(L2#0+L2#1)", _steps.Complete());
        Assert.Equal(6, _steps.Step);
        Assert.False(_steps.IsComplete);
    }

    [Fact]
    public void Accept_StaleDuplicateAndUnknown_AreDiscardedAndNamed()
    {
        Begin(A, B);
        Assert.Equal(Arrival.Stale, Arrive(new TreeNode(2, 0), step: 4));
        Assert.Equal(Arrival.Stale, Arrive(new TreeNode(2, 0), step: 6));
        Assert.Equal(Arrival.Unknown, Arrive(new TreeNode(2, 2)));
        Assert.Equal(Arrival.Unknown, Arrive(new TreeNode(200, 0)));
        Assert.Equal(Arrival.Fresh, Arrive(new TreeNode(2, 0)));
        Assert.Equal(Arrival.Duplicate, Arrive(new TreeNode(2, 0)));
        Assert.Equal(5, _discarded.Count);
        Assert.False(_steps.IsComplete);
    }

    [Fact]
    public void Accept_ValueThatTheNodeCannotHave_IsDiscardedAndNamed()
    {
        var steps = new StepDecisions<string>(
            _tree, 5, (left, right) => $"({left}+{right})", _discarded.Add, isRight: (step, node, value) => value == $"{step}:{node}");
        steps.ChangeWorkers(Of(A));
        steps.Begin(_now);

        Assert.Equal(Arrival.Wrong, steps.Accept(A, 5, _tree.Root, "5:L0#0", Time, _now));
        Assert.Equal(Arrival.Wrong, steps.Accept(A, 4, _tree.Root, "5:L3#0", Time, _now));
        Assert.False(steps.IsComplete);
        Assert.Equal(Arrival.Fresh, steps.Accept(A, 5, _tree.Root, "5:L3#0", Time, _now));
        Assert.Equal(Arrival.Wrong, steps.Accept(A, 5, _tree.Root, "another", Time, _now));
        Assert.Equal(["5:L0#0", "5:L3#0", "another"], _discarded);
        Assert.Equal("5:L3#0", steps.Complete());
    }

    [Fact]
    public void ChangeWorkers_WorkerLostBeforeItAnswered_ItsShardsAreAskedOfTheOthers()
    {
        Begin(A, B);
        Arrive(new TreeNode(2, 0));
        Reissue reissue = Assert.Single(_steps.ChangeWorkers(Of(A)));
        Assert.Equal(A, reissue.Worker);
        Assert.Equal([4, 5, 6, 7], Shards(reissue.Nodes));
    }

    [Fact]
    public void ChangeWorkers_WorkerLostAfterItAnswered_NothingIsComputedTwice()
    {
        Begin(A, B);
        Arrive(new TreeNode(2, 1));
        Assert.Empty(_steps.ChangeWorkers(Of(A)));
    }

    [Fact]
    public void ChangeWorkers_HelperLostToo_ItsReissuedShardsGoOn()
    {
        Begin(A, B, C);
        int[] shardsOfC = [.. Shards(_steps.Roster.Find(C)!.Nodes)];
        int[] toA = [.. _steps.ChangeWorkers(Of(A, B)).Where(reissue => reissue.Worker == A).SelectMany(reissue => Shards(reissue.Nodes))];
        int[] toB = [.. shardsOfC.Except(toA)];
        int[] shardsOfA = [.. Shards(_steps.Roster.Find(A)!.Nodes)];

        Reissue last = Assert.Single(_steps.ChangeWorkers(Of(B)));
        Assert.Equal(B, last.Worker);
        Assert.DoesNotContain(Shards(last.Nodes), shard => toB.Contains(shard));
        Assert.Superset(toA.ToHashSet(), Shards(last.Nodes).ToHashSet());
        Assert.NotEmpty(shardsOfA);
    }

    [Fact]
    public void ChangeWorkers_AllLostThenOneComes_ItIsAskedForWhatIsMissing()
    {
        Begin(A, B);
        Arrive(new TreeNode(2, 0));
        Assert.Empty(_steps.ChangeWorkers([]));
        Reissue reissue = Assert.Single(_steps.ChangeWorkers(Of(C)));
        Assert.Equal(C, reissue.Worker);
        Assert.Equal([4, 5, 6, 7], Shards(reissue.Nodes));
    }

    [Fact]
    public void ChangeWorkers_WorkerJoins_IsAskedFromTheNextStepOn()
    {
        Begin(A);
        Assert.Empty(_steps.ChangeWorkers(Of(A, B)));
        Assert.Equal(Arrival.Fresh, Arrive(_tree.Root));
        _steps.Complete();
        _steps.Begin(_now);
        Assert.Equal([4, 4], _steps.Roster.Entries.Select(entry => entry.Shards));
    }

    [Fact]
    public void AnySchedule_OfLossesJoinsAndDuplicates_CompletesWithTheSameSum()
    {
        for (int seed = 0; seed < 2000; seed++)
            Assert.Equal("(((0+1)+(2+3))+((4+5)+(6+7)))", RunSchedule(new System.Random(seed)));
    }

    [Fact]
    public void Overdue_StepAsLongAsTheOthers_AsksNobody()
    {
        Train(20, A, B);
        _steps.Begin(_now);
        Assert.Empty(_steps.Overdue(_now + Milliseconds(39)));
    }

    [Fact]
    public void Overdue_WorkerIsLate_ItsShardsAreAskedOfTheOthersToo_AndAgain()
    {
        Train(20, A, B, C);
        TimeSpan begun = _now;
        Roster asked = _steps.Begin(begun);
        Arrive(A, asked);
        Arrive(B, asked);
        int[] late = [.. Shards(asked.Find(C)!.Nodes)];

        IReadOnlyList<Reissue> first = _steps.Overdue(begun + Milliseconds(41));
        Assert.Equal(late, Shards(first.SelectMany(reissue => reissue.Nodes)).Order());
        Assert.DoesNotContain(first, reissue => reissue.Worker == C);
        Assert.Equal([C], _steps.Late);
        Assert.Empty(_steps.Overdue(begun + Milliseconds(42)));
        Assert.Empty(_steps.Late);

        // A answers, B does not: what B was asked for in C's place goes to A as well.
        Reissue ofA = first.First(reissue => reissue.Worker == A), ofB = first.First(reissue => reissue.Worker == B);
        foreach (TreeNode node in ofA.Nodes)
            Assert.Equal(Arrival.Fresh, _steps.Accept(A, _steps.Step, node, node.ToString(), Time, _now));
        Reissue second = Assert.Single(_steps.Overdue(begun + Milliseconds(81)));
        Assert.Equal(A, second.Worker);
        Assert.Equal(Shards(ofB.Nodes).Order(), Shards(second.Nodes).Order());
        foreach (TreeNode node in second.Nodes)
            Assert.Equal(Arrival.Fresh, _steps.Accept(A, _steps.Step, node, node.ToString(), Time, _now));
        Assert.True(_steps.IsComplete);
        Assert.All(
            asked.Find(C)!.Nodes,
            node => Assert.Equal(Arrival.Duplicate, _steps.Accept(C, _steps.Step, node, node.ToString(), Time, _now)));
    }

    [Fact]
    public void Overdue_EverybodyIsLate_AsksNobody()
    {
        Train(20, A, B);
        _steps.Begin(_now);
        Assert.Empty(_steps.Overdue(_now + Milliseconds(10_000)));
    }

    [Fact]
    public void Begin_WorkerThatIsLateAgainAndAgain_OwnsNothingUntilItIsHeard()
    {
        Train(20, A, B, C);
        for (int i = 0; i < 3; i++)
        {
            Roster asked = _steps.Begin(_now);
            Arrive(A, asked);
            Arrive(B, asked);
            _now += Milliseconds(50);
            foreach (Reissue reissue in _steps.Overdue(_now))
            {
                foreach (TreeNode node in reissue.Nodes)
                    _steps.Accept(reissue.Worker, _steps.Step, node, node.ToString(), Time, _now);
            }

            _steps.Complete();
        }

        Roster without = _steps.Begin(_now);
        Assert.Empty(without.Find(C)!.Nodes);
        Assert.Equal(Enumerable.Range(0, 8), Shards(without.Entries.SelectMany(entry => entry.Nodes)).Order());

        Assert.Equal(Arrival.Stale, _steps.Accept(C, 0, new TreeNode(0, 7), "late", Time, _now));
        Assert.NotEmpty(_steps.Begin(_now).Find(C)!.Nodes);
    }

    /// <summary>As behind a thin line: what it computes is there soon, but takes a hundred times as long to come.</summary>
    [Fact]
    public void Begin_WorkerThatIsSlowFromTheFirstStepOn_IsNotWaitedFor()
    {
        _steps.ChangeWorkers(Of(A, B, C));
        int late = 0;
        for (int i = 0; i < 12; i++)
        {
            Roster asked = _steps.Begin(_now);
            TimeSpan begun = _now;
            _now += Milliseconds(10);
            Arrive(A, asked);
            Arrive(B, asked);
            foreach (Reissue reissue in _steps.Overdue(_now = begun + Milliseconds(41)))
            {
                foreach (TreeNode node in reissue.Nodes)
                    _steps.Accept(reissue.Worker, _steps.Step, node, node.ToString(), Time, _now);
            }

            late += _steps.Late.Count;
            if (!_steps.IsComplete)
            {
                _now = begun + Milliseconds(1000);
                Arrive(C, asked);
            }

            _steps.Complete();
        }

        Assert.Equal(3, late);
        Assert.Empty(_steps.Begin(_now).Find(C)!.Nodes);
    }

    [Fact]
    public void Begin_WorkerThatStandsBy_IsAskedForNothing_AndTakesOverAtOnce()
    {
        var steps = new StepDecisions<string>(new ReductionTree(2), 0, (left, right) => $"({left}+{right})", _ => { });
        steps.ChangeWorkers(Of(A, B, C));
        Assert.Empty(steps.Begin(_now).Find(C)!.Nodes);
        steps.Accept(B, 0, new TreeNode(0, 1), "1", Time, _now);

        Reissue reissue = Assert.Single(steps.ChangeWorkers(Of(B, C)));

        Assert.Equal((C, new TreeNode(0, 0)), (reissue.Worker, Assert.Single(reissue.Nodes)));
        steps.Accept(C, 0, new TreeNode(0, 0), "0", Time, _now);
        Assert.Equal("(0+1)", steps.Complete());
    }

    [Fact]
    public void ChangeWorkers_WorkerLeaves_ItAnswersWhatItOwesAndNobodyElseIsAsked()
    {
        Begin(A, B);
        StepWorker[] leaving = [new(A, 1), new(B, 1, IsLeaving: true)];
        Assert.Empty(_steps.ChangeWorkers(leaving));
        Assert.Empty(_steps.Release());
        Assert.Equal(Arrival.Fresh, _steps.Accept(B, 5, new TreeNode(2, 1), "right", Time, _now));
        Assert.Equal([B], _steps.Release());
        Assert.Empty(_steps.Release());
        Assert.Empty(_steps.ChangeWorkers(Of(A)));
        Arrive(new TreeNode(2, 0));
        Assert.True(_steps.IsComplete);
        _steps.Complete();
        Assert.Equal([_tree.Root], _steps.Begin(_now).Find(A)!.Nodes);
    }

    [Fact]
    public void ChangeWorkers_LeavingWorkerIsLostAllTheSame_WhatItOwedIsAskedOfTheOthers()
    {
        Begin(A, B);
        _steps.ChangeWorkers([new(A, 1), new(B, 1, IsLeaving: true)]);
        Reissue reissue = Assert.Single(_steps.ChangeWorkers(Of(A)));
        Assert.Equal((A, new TreeNode(2, 1)), (reissue.Worker, Assert.Single(reissue.Nodes)));
    }

    [Fact]
    public void ChangeWorkers_TheLastWorkerLeaves_TheStepIsFinishedAndTheNextWaits()
    {
        Begin(A);
        Assert.Empty(_steps.ChangeWorkers([new(A, 1, IsLeaving: true)]));
        Arrive(_tree.Root);
        Assert.Equal([A], _steps.Release());
        _steps.Complete();
        Assert.All(_steps.Begin(_now).Entries, entry => Assert.Empty(entry.Nodes));
        Assert.Empty(_steps.ChangeWorkers([]));
        Reissue reissue = Assert.Single(_steps.ChangeWorkers(Of(B)));
        Assert.Equal((B, _tree.Root), (reissue.Worker, Assert.Single(reissue.Nodes)));
    }

    [Fact]
    public void Begin_WorkerOfHalfTheSpeed_OwnsLess_AndGetsItBackWhenItHasRecovered()
    {
        _steps.ChangeWorkers(Of(A, B));
        TrainAtPaces(2.0);
        Assert.Equal(3, _steps.Roster.Find(A)!.Shards);
        TrainAtPaces(1.0);
        Assert.Equal(4, _steps.Roster.Find(A)!.Shards);
    }

    [Fact]
    public void Begin_WorkerOfATenthOfTheSpeed_StandsBy_AndComesBackByProbes()
    {
        _steps.ChangeWorkers(Of(A, B));
        TrainAtPaces(10.0);
        Assert.Equal(0, _steps.Roster.Find(A)!.Shards);
        TrainAtPaces(1.0, steps: 2_000);
        Assert.Equal(4, _steps.Roster.Find(A)!.Shards);
    }

    [Fact]
    public void Begin_EqualWorkers_NothingMovesHoweverLongItTakes()
    {
        _steps.ChangeWorkers(Of(A, B, C));
        Roster roster = _steps.Roster;
        var random = new System.Random(3);
        for (int i = 0; i < 500; i++)
        {
            TrainAtPaces(0.9 + 0.2 * random.NextDouble(), steps: 1);
            Assert.Same(roster, _steps.Roster);
        }
    }

    /// <summary>Steps in which A takes so many times as long for a shard as the others; probes are answered too.</summary>
    private void TrainAtPaces(double slownessOfA, int steps = 500)
    {
        for (int i = 0; i < steps; i++)
        {
            Roster asked = _steps.Begin(_now);
            foreach (Reissue probe in _steps.Probe(_now))
                _steps.Accept(
                    probe.Worker, _steps.Step, probe.Nodes[0], probe.Nodes[0].ToString(), Milliseconds(Slowness(probe.Worker)), _now);
            foreach (RosterEntry entry in asked.Entries)
            {
                foreach (TreeNode node in entry.Nodes)
                    _steps.Accept(
                        entry.Worker, _steps.Step, node, node.ToString(), Milliseconds(entry.Shards * Slowness(entry.Worker)), _now);
            }

            _now += Milliseconds(20);
            _steps.Complete();
        }

        double Slowness(WorkerId worker) => worker == A ? slownessOfA : 1;
    }

    private static TimeSpan Milliseconds(double count) => TimeSpan.FromMilliseconds(count);

    /// <summary>Steps of ten milliseconds each, in which everybody is in time.</summary>
    private void Train(int steps, params WorkerId[] workers)
    {
        _steps.ChangeWorkers(Of(workers));
        for (int i = 0; i < steps; i++)
        {
            Roster asked = _steps.Begin(_now);
            _now += Milliseconds(10);
            foreach (WorkerId worker in workers)
                Arrive(worker, asked);
            _steps.Complete();
        }
    }

    private void Arrive(WorkerId worker, Roster asked)
    {
        foreach (TreeNode node in asked.Find(worker)!.Nodes)
            _steps.Accept(worker, _steps.Step, node, node.ToString(), Time, _now);
    }

    /// <summary>A step under random losses and joins; workers answer in any order, some twice, some never.</summary>
    private string RunSchedule(System.Random random)
    {
        var steps = new StepDecisions<string>(_tree, 0, (left, right) => $"({left}+{right})", _ => { });
        var alive = new List<WorkerId> { new(1), new(2), new(3) };
        int nextId = 4;
        steps.ChangeWorkers(Of([.. alive]));
        steps.Begin(TimeSpan.Zero);
        var inFlight = new List<(WorkerId Worker, TreeNode Node)>();
        foreach (RosterEntry entry in steps.Roster.Entries)
            inFlight.AddRange(entry.Nodes.Select(node => (entry.Worker, node)));

        while (!steps.IsComplete)
        {
            bool fault = random.Next(4) == 0;
            if (fault || inFlight.Count == 0)
            {
                if (alive.Count > 0 && random.Next(2) == 0)
                {
                    WorkerId lost = alive[random.Next(alive.Count)];
                    alive.Remove(lost);
                    // What it has sent already may still arrive, or not.
                    if (random.Next(2) == 0)
                        inFlight.RemoveAll(item => item.Worker == lost);
                }
                else
                {
                    alive.Add(new WorkerId(nextId++));
                }

                foreach (Reissue reissue in steps.ChangeWorkers(Of([.. alive])))
                    inFlight.AddRange(reissue.Nodes.Select(node => (reissue.Worker, node)));
                continue;
            }

            int i = random.Next(inFlight.Count);
            TreeNode arrived = inFlight[i].Node;
            if (random.Next(5) != 0)
                inFlight.RemoveAt(i); // else a second copy comes later
            steps.Accept(new WorkerId(1), 0, arrived, Sum(arrived), Time, _now);
        }

        return steps.Complete();
    }

    private static string Sum(TreeNode node)
    {
        if (node.Level == 0)
            return $"{node.Index}";
        var left = new TreeNode(node.Level - 1, node.Index * 2);
        return $"({Sum(left)}+{Sum(left.Sibling)})";
    }
}
