using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>A connection between two processes: in order, held back by a partition, ended at once where a machine knows that a process has ended.</summary>
internal sealed class SimStream(VirtualNetwork network, SimNode near, SimNode far)
{
    private readonly SimProcess _nearProcess = near.Process, _farProcess = far.Process;
    private readonly FifoLine _toNear = new(), _toFar = new();
    private bool _nearClosed, _farClosed;

    public Action NearEnded { get; set; } = () => { };

    public Action FarEnded { get; set; } = () => { };

    public SimNode Near => near;

    public SimNode Far => far;

    public void Send(SimNode from, string what, Action act)
    {
        bool fromNear = from == near;
        if (fromNear ? _nearClosed : _farClosed)
            return;
        (SimNode to, SimProcess process, FifoLine line) = fromNear ? (far, _farProcess, _toFar) : (near, _nearProcess, _toNear);
        network.Stream(from.Host, to.Host, process, line, what, () =>
        {
            if (!(fromNear ? _farClosed : _nearClosed))
                act();
        });
    }

    /// <summary>Ends it from one side; the other hears of it after what was sent before.</summary>
    public void Close(SimNode from)
    {
        if (from == near ? _nearClosed : _farClosed)
            return;
        Send(from, "the stream's end", () =>
        {
            if (from == near)
                _farClosed = true;
            else
                _nearClosed = true;
            (from == near ? FarEnded : NearEnded)();
        });
        if (from == near)
            _nearClosed = true;
        else
            _farClosed = true;
    }
}
