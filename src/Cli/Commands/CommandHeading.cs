namespace Lockstep.Cli.Commands;

/// <summary>Headings in the list of commands, in its order.</summary>
internal static class CommandHeading
{
    public const string Train = "Train";
    public const string Result = "Look at what was trained";
    public const string Proof = "Prove that a run is what it says";
    public const string Exchange = "Exchange weights with other programs";
    public const string Data = "Data sets";
    public const string Certificates = "Certificates for --tls-dir";
    public const string Help = "Help";
}
