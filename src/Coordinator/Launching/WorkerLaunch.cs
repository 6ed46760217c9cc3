using System.Diagnostics;

namespace Lockstep.Coordinator.Launching;

/// <summary>A worker process to start here, which works here or, through ssh, on another machine. All of it is told to it over its standard input.</summary>
public sealed record WorkerLaunch
{
    /// <summary>How to start it, with all three streams redirected. It must end when its standard input ends.</summary>
    public required ProcessStartInfo Start { get; init; }

    /// <summary>The machine that it works on, for people; null for this one.</summary>
    public string? Host { get; init; }

    /// <summary>What it must prove that it knows, as <see cref="LaunchOrder.Secret"/>; null for nothing.</summary>
    public string? Secret { get; init; }

    /// <summary>The program, where it must be carried to its machine first; null where it is there.</summary>
    public Task<CarriedProgram>? Program { get; init; }

    /// <summary>This program, as a worker on this machine.</summary>
    /// <param name="lanes">Its compute threads.</param>
    public static WorkerLaunch Local(int lanes) => new() { Start = ThisProgram.StartInfo(["worker", "--join", "stdin", "--lanes", lanes.ToString()]) };
}
