using Lockstep.Chaos.Network;

namespace Lockstep.Chaos.Processes;

/// <summary>A member of the run: its process, which may be started again, and its link to all others.</summary>
/// <param name="name">Such as <c>worker 2</c>.</param>
internal class Member(string name)
{
    public string Name => name;

    public Link Link { get; } = new();

    /// <summary>The last process; null before the first start.</summary>
    public Child? Process { get; set; }

    /// <summary>Completes when the process has ended and its connections are closed.</summary>
    public Task Over { get; set; } = Task.CompletedTask;

    /// <summary>Stops or continues the process.</summary>
    public void Pause(bool isPaused) => Process!.Signal(isPaused ? Signals.Stop : Signals.Continue);

    /// <summary>Kills the process, and waits for <see cref="Over"/>.</summary>
    public async Task KillAsync()
    {
        Process!.IsEndWanted = true;
        Process.Signal(Signals.Kill);
        await Over;
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    /// <exception cref="ChaosFailure">It does not end, or ends with an error.</exception>
    public async Task LeaveAsync(TimeSpan bound)
    {
        Child child = Process!;
        child.IsEndWanted = true;
        child.Signal(Signals.Terminate);
        if (await Task.WhenAny(child.Ended, Task.Delay(bound)) != child.Ended)
            throw new ChaosFailure(ChaosFailure.Hung, $"{Name} was asked to end, and did not within {bound.TotalSeconds:0} s. "
                + $"The last that it said:\n{child.LastWords}");
        if (await child.Ended is not 0 and int code)
            throw new ChaosFailure(ChaosFailure.Ended, $"{Name} was asked to end, and ended with exit code {code}. "
                + $"The last that it said:\n{child.LastWords}");
        await Over;
    }
}
