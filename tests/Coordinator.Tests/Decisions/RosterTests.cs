using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Tests.Decisions;

public class RosterTests
{
    private static Roster Plan(int shards, params int[] lanes) =>
        Roster.Plan(new ReductionTree(shards), Roster.Empty, [.. lanes.Select((count, i) => new RosterWorker(new WorkerId(i + 1), count))]);

    private static IEnumerable<int> Owned(ReductionTree tree, RosterEntry entry) =>
        entry.Nodes.SelectMany(node => Enumerable.Range(node.FirstShard, tree.Width(node)));

    private static void AssertEveryShardIsOwnedOnce(ReductionTree tree, Roster roster)
    {
        Assert.Equal(Enumerable.Range(0, tree.Shards), roster.Entries.SelectMany(entry => Owned(tree, entry)).Order());
        Assert.All(roster.Entries, entry => Assert.Equal(entry.Shards, Owned(tree, entry).Count()));
    }

    private static int Moved(ReductionTree tree, Roster before, Roster after) => after.Entries.Sum(entry =>
        Owned(tree, entry).Except(before.Find(entry.Worker) is { } old ? Owned(tree, old) : []).Count());

    [Fact]
    public void Plan_AnyCluster_GivesEveryShardToExactlyOneWorker()
    {
        for (int shards = 1; shards <= 16; shards++)
        {
            for (int workers = 1; workers <= 20; workers++)
            {
                Roster roster = Plan(shards, [.. Enumerable.Range(1, workers).Select(i => i % 3 + 1)]);
                Assert.Equal(workers, roster.Entries.Count);
                AssertEveryShardIsOwnedOnce(new ReductionTree(shards), roster);
            }
        }
    }

    [Fact]
    public void Plan_TwoEqualWorkers_SendsOneNodeEach()
    {
        Roster roster = Plan(8, 1, 1);
        Assert.Equal([new TreeNode(2, 0)], roster.Entries[0].Nodes);
        Assert.Equal([new TreeNode(2, 1)], roster.Entries[1].Nodes);
    }

    [Fact]
    public void Plan_MoreLanes_GetMoreShards()
    {
        Roster roster = Plan(8, 3, 1);
        Assert.Equal([6, 2], roster.Entries.Select(entry => entry.Shards));
    }

    [Fact]
    public void Plan_FirstRoster_GivesRanges()
    {
        for (int shards = 1; shards <= 64; shards++)
        {
            var tree = new ReductionTree(shards);
            for (int workers = 1; workers <= shards; workers++)
            {
                int first = 0;
                foreach (RosterEntry entry in Plan(shards, [.. Enumerable.Repeat(1, workers)]).Entries)
                {
                    Assert.Equal(tree.Cover(first, first + entry.Shards), entry.Nodes);
                    first += entry.Shards;
                }
            }
        }
    }

    [Fact]
    public void Plan_AnySequenceOfJoinsAndLosses_IsBalancedAndMovesNoMoreThanThatTakes()
    {
        int changes = 0, least = 0;
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var tree = new ReductionTree(random.Next(1, 33));
            var workers = new List<WorkerId> { new(1) };
            Roster before = Roster.Empty;
            for (int change = 2; change < 14; change++)
            {
                if (random.Next(2) == 0 && workers.Count > 1)
                    workers.RemoveAt(random.Next(workers.Count));
                else
                    workers.Add(new WorkerId(change));
                RosterWorker[] shuffled = [.. workers.Select(worker => new RosterWorker(worker, 1))];
                random.Shuffle(shuffled);
                Roster after = Roster.Plan(tree, before, shuffled);

                AssertEveryShardIsOwnedOnce(tree, after);
                Assert.InRange(after.Entries.Max(entry => entry.Shards) - after.Entries.Min(entry => entry.Shards), 0, 1);
                changes++;
                if (Moved(tree, before, after) == LeastMoves(tree, before, workers))
                    least++;
                else
                    Assert.Equal(NodesInRanges(tree, after), after.Entries.Sum(entry => entry.Nodes.Count));
                Assert.Equal(Text(after), Text(Roster.Plan(tree, before, [.. workers.Select(worker => new RosterWorker(worker, 1))])));
                before = after;
            }
        }

        // The others made up for many changes before them: see Roster.Plan.
        Assert.InRange(least, changes * 0.97, changes);

        // Each has the floor or one more; whoever has that one more already is the best to keep it.
        static int LeastMoves(ReductionTree tree, Roster before, List<WorkerId> workers)
        {
            int floor = tree.Shards / workers.Count, more = tree.Shards % workers.Count;
            int[] had = [.. workers.Select(worker => before.Find(worker)?.Shards ?? 0).OrderDescending()];
            return had.Select((shards, i) => Math.Max(0, (i < more ? floor + 1 : floor) - shards)).Sum();
        }

        static string Text(Roster roster) =>
            string.Join("; ", roster.Entries.Select(entry => $"{entry.Worker}: {string.Join(' ', entry.Nodes)}"));
    }

    private static int NodesInRanges(ReductionTree tree, Roster roster)
    {
        int first = 0;
        return roster.Entries.Sum(entry => tree.Cover(first, first += entry.Shards).Count());
    }

    [Fact]
    public void Plan_LanesAndPacesOfAllKinds_IsDoneAsEarlyAsAnyDivision()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var tree = new ReductionTree(random.Next(1, 9));
            RosterWorker[] workers = [.. Enumerable.Range(1, random.Next(1, 4)).Select(
                i => new RosterWorker(new WorkerId(i), random.Next(1, 4), random.Next(1, 5)))];

            Roster roster = Roster.Plan(tree, Roster.Empty, workers);

            AssertEveryShardIsOwnedOnce(tree, roster);
            Assert.Equal(Best(workers, tree.Shards), workers.Max(worker => worker.TimeOf(roster.Find(worker.Worker)!.Shards)));
        }

        static double Best(ReadOnlySpan<RosterWorker> workers, int shards)
        {
            if (workers.Length == 1)
                return workers[0].TimeOf(shards);
            double best = double.PositiveInfinity;
            for (int share = 0; share <= shards; share++)
                best = Math.Min(best, Math.Max(workers[0].TimeOf(share), Best(workers[1..], shards - share)));
            return best;
        }
    }

    [Fact]
    public void Plan_StandbyAndALoss_TheStandbyTakesAllAndNothingElseMoves()
    {
        var tree = new ReductionTree(4);
        RosterWorker[] workers = [.. Enumerable.Range(1, 5).Select(i => new RosterWorker(new WorkerId(i), 1))];
        Roster before = Roster.Plan(tree, Roster.Empty, workers);
        Assert.Empty(before.Find(new WorkerId(5))!.Nodes);

        Roster after = Roster.Plan(tree, before, [.. workers.Where(worker => worker.Worker.Value != 2)]);

        Assert.Equal(before.Find(new WorkerId(2))!.Nodes, after.Find(new WorkerId(5))!.Nodes);
        Assert.Same(before.Find(new WorkerId(1))!.Nodes, after.Find(new WorkerId(1))!.Nodes);
    }

    [Fact]
    public void Plan_ManyChanges_NodesStayFew()
    {
        var random = new Random(1);
        var tree = new ReductionTree(64);
        var workers = new List<WorkerId>(Enumerable.Range(1, 8).Select(i => new WorkerId(i)));
        Roster roster = Roster.Empty;
        long nodes = 0, fresh = 0;
        for (int change = 0; change < 2_000; change++)
        {
            if (workers.Count > 4 && (workers.Count == 16 || random.Next(2) == 0))
                workers.RemoveAt(random.Next(workers.Count));
            else
                workers.Add(new WorkerId(100 + change));
            RosterWorker[] now = [.. workers.Select(worker => new RosterWorker(worker, 1))];
            roster = Roster.Plan(tree, roster, now);
            nodes += roster.Entries.Sum(entry => entry.Nodes.Count);
            fresh += NodesInRanges(tree, roster);
            Assert.InRange(roster.Entries.Sum(entry => entry.Nodes.Count), 1, 2 * NodesInRanges(tree, roster));
        }

        Assert.InRange(nodes, 1, 1.5 * fresh);
    }
}
