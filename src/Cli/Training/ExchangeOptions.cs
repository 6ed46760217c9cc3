using Lockstep.Cli.Configuration;
using Lockstep.Interchange;
using Lockstep.Networks;

namespace Lockstep.Cli.Training;

/// <summary>How weights are named and lie in a file of another program, by the options.</summary>
internal static class ExchangeOptions
{
    public static InterchangeOptions Of(Settings settings) => new()
    {
        TorchNames = settings.Get(OptionTable.Names) == Kinds.TorchNames,
        Layout = settings.Find(OptionTable.Layout) switch
        {
            null => null,
            Kinds.TorchLayout => MatrixLayout.OutIn,
            _ => MatrixLayout.InOut,
        },
        Map = (settings.Find(OptionTable.Map) ?? NameMap.Empty).Names,
    };
}
