using Lockstep.Interchange;
using Lockstep.Networks;

namespace Lockstep.Cli.Options;

/// <summary>How weights are named and laid out in a file of another program.</summary>
internal static class ExchangeOptions
{
    private const string TorchLayout = "torch", TorchNames = "torch", OwnNames = "lockstep";

    public static readonly CliOption<string> Layout = new("--layout", ValueKind.Name("tf", TorchLayout))
    {
        Placeholder = "LAYOUT", DefaultNote = "tf, but torch along with names of torch", IsCommandLineOnly = true,
        Help = "Order of the dimensions of weight matrices in the file: tf is [in, out], torch is [out, in].",
    };

    public static readonly CliOption<string> Names = new("--names", ValueKind.Name(OwnNames, TorchNames))
    {
        Placeholder = "WHOSE", DefaultNote = "lockstep; of import, what the file has", IsCommandLineOnly = true,
        Help = "Which names the file has. torch is 0.weight, 0.bias and so on, as in torch.nn.Sequential, "
            + "of import also fc1.weight and alike, with any prefix.",
    };

    /// <summary>The library's options.</summary>
    public static InterchangeOptions Of(Settings settings) => new()
    {
        TorchNames = settings.Find(Names) is { } names ? names == TorchNames : null,
        Layout = settings.Find(Layout) switch
        {
            null => null,
            TorchLayout => MatrixLayout.OutIn,
            _ => MatrixLayout.InOut,
        },
        Map = (settings.Find(RestoreOptions.Map) ?? NameMap.Empty).Names,
    };
}
