using Lockstep.Chaos.Network;

namespace Lockstep.Chaos.Processes;

/// <summary>A process of the run, or one after another in its place, and what lies between it and all others.</summary>
/// <param name="name">Such as <c>worker 2</c>.</param>
internal class Member(string name)
{
    public string Name => name;

    public Link Link { get; } = new();

    /// <summary>The process that was started last; null before the first.</summary>
    public Child? Process { get; set; }

    /// <summary>Completes when the process has ended and everybody knows.</summary>
    public Task Over { get; set; } = Task.CompletedTask;

    /// <summary>Stops the process where it is, or lets it go on.</summary>
    public void Pause(bool isPaused) => Process!.Signal(isPaused ? Signals.Stop : Signals.Continue);

    /// <summary>Kills the process, and waits until everybody knows.</summary>
    public async Task KillAsync()
    {
        Process!.IsEndWanted = true;
        Process.Signal(Signals.Kill);
        await Over;
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    /// <exception cref="ChaosFailure">It does not, or says that something went wrong.</exception>
    public async Task LeaveAsync(TimeSpan bound)
    {
        Child child = Process!;
        child.IsEndWanted = true;
        child.Signal(Signals.Terminate);
        if (await Task.WhenAny(child.Ended, Task.Delay(bound)) != child.Ended)
            throw new ChaosFailure(ChaosFailure.Hung, $"{Name} was asked to end, and did not within {bound.TotalSeconds:0} s. The last that it said:\n{child.LastWords}");
        if (await child.Ended is not 0 and int code)
            throw new ChaosFailure(ChaosFailure.Ended, $"{Name} was asked to end, and ended with exit code {code}. The last that it said:\n{child.LastWords}");
        await Over;
    }
}
