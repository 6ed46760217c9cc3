using System.Diagnostics;

namespace Lockstep.Coordinator.Launching;

/// <summary>A worker process to start, on this machine or through ssh on another one. It gets its orders on standard input.</summary>
public sealed record WorkerLaunch
{
    /// <summary>How to start it, with all three streams redirected. It must end when its standard input ends.</summary>
    public required ProcessStartInfo Start { get; init; }

    /// <summary>The machine that it works on, for messages; null for this one.</summary>
    public string? Host { get; init; }

    /// <summary>The secret that it must prove, see <see cref="LaunchOrder.Secret"/>; null for none.</summary>
    public string? Secret { get; init; }

    /// <summary>The program to copy to its machine first; null if it is there.</summary>
    public Task<CarriedProgram>? Program { get; init; }

    /// <summary>This program as a worker on this machine.</summary>
    /// <param name="lanes">Its compute threads.</param>
    public static WorkerLaunch Local(int lanes) =>
        new() { Start = ThisProgram.StartInfo(["worker", "--join", "stdin", "--lanes", lanes.ToString()]) };
}
