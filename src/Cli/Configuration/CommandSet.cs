
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
    Restore = 256,
    Predict = 512,
    Report = 1024,
    Export = 2048,
    Import = 4096,
    Compare = 8192,
    Verify = 16384,
    Diff = 32768,
    Replay = 65536,
    Chaos = 131072,
    Bench = 262144,
    CertsInit = 524288,
    CertsIssue = 1048576,
    Launch = 2097152,

    /// <summary>Commands that make certificates.</summary>
    Certificates = CertsInit | CertsIssue,

    /// <summary>Commands that run a training.</summary>
    Training = Train | Coordinator | Launch,

    /// <summary>Commands that make a run spec.</summary>
    Spec = Training | Restore | Import | Bench,

    /// <summary>Commands that train a run again to look at it.</summary>
    Replaying = Verify | Replay,

    /// <summary>Commands that exchange weights with other programs.</summary>
    Exchange = Export | Import,

    /// <summary>Commands that may need a data set.</summary>
    Data = Spec | Evaluate | Predict | Replaying | Chaos | DataFetch | DataInfo | DataShow,

    /// <summary>Commands whose result can be printed as JSON.</summary>
    Results = Training | Bench | Chaos | Evaluate | Predict | Inspect | DataInfo | Restore | Exchange | Compare | Diff | Replaying,
    All = Data | Worker | Inspect | Report | Export | Compare | Diff,
}
