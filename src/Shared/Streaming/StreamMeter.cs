using System.Diagnostics.Metrics;

namespace Lockstep.Shared.Streaming;

/// <summary>Metrics of all tensor streams of this process.</summary>
internal static class StreamMeter
{
    private static readonly Meter Meter = LockstepMeter.Create();

    public static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "lockstep.stream.sent", "By", "Bytes sent on tensor streams, headers included. What goes through shared memory is not counted.");

    public static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "lockstep.stream.received", "By",
        "Bytes received on tensor streams, headers included. What comes through shared memory is not counted.");
}
