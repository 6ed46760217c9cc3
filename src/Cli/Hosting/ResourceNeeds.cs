namespace Lockstep.Cli.Hosting;

/// <summary>What a command makes of its process and others, from which <see cref="ResourceLimits"/> knows what it takes.</summary>
internal readonly record struct ResourceNeeds()
{
    /// <summary>Workers of the training that this process coordinates; 0 for one that coordinates none.</summary>
    public int Workers { get; init; }

    /// <summary>Worker processes on this machine, this one included.</summary>
    public int Processes { get; init; }

    /// <summary>Compute threads of each; null for as many as there are processors.</summary>
    public int? Lanes { get; init; }
}
