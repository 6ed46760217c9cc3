namespace Lockstep.Cli.Configuration;

/// <summary>Commands, as a set: which of them know an option.</summary>
[Flags]
internal enum CommandSet
{
    None = 0,
    Train = 1,
    Coordinator = 2,
    Worker = 4,
    Evaluate = 8,
    Inspect = 16,
    DataFetch = 32,
    DataInfo = 64,
    DataShow = 128,

    /// <summary>Commands that run a training.</summary>
    Training = Train | Coordinator,

    /// <summary>Commands that may need a data set.</summary>
    Data = Training | Evaluate | DataFetch | DataInfo | DataShow,

    /// <summary>Commands whose result can be printed as JSON.</summary>
    Results = Training | Evaluate | Inspect | DataInfo,
    All = Data | Worker | Inspect,
}
