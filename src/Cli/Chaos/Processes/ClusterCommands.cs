using System.Globalization;
using Lockstep.Cli.Configuration;
using Lockstep.Training;

namespace Lockstep.Cli.Chaos.Processes;

/// <summary>The command lines of the processes of a run under faults.</summary>
/// <param name="settings">The options of <c>chaos</c>; those that <c>coordinator</c> knows too are passed on.</param>
/// <param name="workers">Workers at the start.</param>
internal sealed class ClusterCommands(Settings settings, int workers)
{
    // More than any run takes: it is stopped when the faults are over. With a constant learning rate the length does not show in the weights.
    private const long Steps = 1_000_000_000;

    /// <summary>A coordinator, whether it is started first or again. Tensors go through the network, where the faults are.</summary>
    public IEnumerable<string> Coordinator(CoordinatorMember coordinator, string peers) =>
    [
        "coordinator", "--listen", $"{coordinator.Proxy.Coordinator}", "--advertise", coordinator.Address, "--peers", peers, "--out", coordinator.Folder,
        "--min-workers", Text(workers), "--steps", Text(Steps),
        OptionTable.Transport.Name, Kinds.StreamTransport, OptionTable.LogFormat.Name, Kinds.TextLog,
        .. Passed(CommandSet.Coordinator),
    ];

    /// <summary>A worker that reads the addresses from its input and ends with it.</summary>
    public IEnumerable<string> Worker() =>
        ["worker", "--join", Kinds.JoinFromStandardInput, "--lanes", Text(Lanes), .. Passed(CommandSet.Worker)];

    private long Lanes => settings.Text(OptionTable.Lanes) is null ? Math.Max(1, Processors.Usable / workers) : settings.Get(OptionTable.Lanes);

    private IEnumerable<string> Passed(CommandSet command) => OptionTable.Of(CommandSet.Chaos)
        .Where(option => (option.Commands & command) != 0 && !option.IsPerInvocation && settings.IsGiven(option) && option != OptionTable.Lanes)
        .SelectMany(option => option.IsFlag ? settings.Text(option) == "true" ? new[] { option.Name } : [] : [option.Name, settings.Text(option)!]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
