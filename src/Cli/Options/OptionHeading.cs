namespace Lockstep.Cli.Options;

/// <summary>Headings of options in the help.</summary>
internal static class OptionHeading
{
    public const string Model = nameof(Model);
    public const string Restore = nameof(Restore);
    public const string Exchange = nameof(Exchange);
    public const string Data = nameof(Data);
    public const string Training = nameof(Training);
    public const string Cluster = nameof(Cluster);
    public const string Run = nameof(Run);
    public const string Output = nameof(Output);
}
