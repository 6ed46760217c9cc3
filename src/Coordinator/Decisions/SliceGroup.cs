using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;

namespace Lockstep.Coordinator.Decisions;

/// <summary>Workers that exchange slices, and how.</summary>
internal sealed class SliceGroup
{
    private readonly Dictionary<WorkerId, Slice[]> _slices = [];

    /// <param name="number">Number of the plan, from 1 in a term.</param>
    /// <param name="tree">The tree of the nodes.</param>
    /// <param name="length">Number of trained parameters.</param>
    /// <param name="members">The workers, in any order, each with one node at least.</param>
    /// <param name="rows">Number of rows; null for the one that suits them.</param>
    public SliceGroup(int number, ReductionTree tree, int length, IEnumerable<RosterEntry> members, int? rows = null)
    {
        Number = number;
        Members = [.. members.OrderBy(member => member.Nodes[0].FirstShard)];
        Plan = new SlicePlan(
            length, tree, [.. Members.Select(member => member.Nodes)],
            Math.Min(rows ?? SlicePlan.RowsFor(Members.Count), Members.Count));
        for (int place = 0; place < Members.Count; place++)
            _slices[Members[place].Worker] = [.. Plan.ColumnsHeadedBy(place)];
    }

    /// <summary>Number of the plan.</summary>
    public int Number { get; }

    /// <summary>The workers in the order of the plan, with their nodes.</summary>
    public IReadOnlyList<RosterEntry> Members { get; }

    /// <summary>The plan.</summary>
    public SlicePlan Plan { get; }

    /// <summary>The slices that the coordinator exchanges with a worker, perhaps none; null if it is no member.</summary>
    public IReadOnlyList<Slice>? SlicesOf(WorkerId worker) => _slices.GetValueOrDefault(worker);

    /// <summary>Whether these are its members, with the same nodes.</summary>
    public bool IsOf(IReadOnlyCollection<RosterEntry> entries) =>
        entries.Count == Members.Count
        && entries.All(entry => Members.Any(member => member.Worker == entry.Worker && ReferenceEquals(member.Nodes, entry.Nodes)));
}
