using System.Globalization;
using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Processes;

/// <summary>The command lines of the processes of a run under faults.</summary>
/// <param name="options">What is trained.</param>
internal sealed class ClusterCommands(ChaosOptions options)
{
    // More than any run takes; it is stopped after the faults. With a constant learning rate the weights do not depend on the length.
    private const long Steps = 1_000_000_000;

    /// <summary>A coordinator, the same at each start. Tensors go through the network, where the faults are.</summary>
    public IEnumerable<string> Coordinator(CoordinatorMember coordinator, string peers) =>
    [
        "coordinator", "--listen", $"{coordinator.Proxy.Coordinator}", "--advertise", coordinator.Address, "--peers", peers,
        "--out", coordinator.Folder, "--min-workers", Text(options.Plan.Workers), "--steps", Text(Steps),
        "--transport", "stream", "--log-format", "text",
        .. options.CoordinatorArguments,
    ];

    /// <summary>A worker that reads the addresses from its input and ends with it.</summary>
    public IEnumerable<string> Worker() => ["worker", "--join", "stdin", .. options.WorkerArguments];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
