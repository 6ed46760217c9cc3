namespace Lockstep.Cli.Configuration;

/// <summary>Heading of an option in the help, in the order of the help.</summary>
internal enum OptionGroup
{
    Chaos,
    Model,
    Restore,
    Exchange,
    Data,
    Training,
    Cluster,
    Run,
    Output,
}
