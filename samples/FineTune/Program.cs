using Lockstep;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;
using Lockstep.Training;

// Trains a network on many digits, inserts a layer, and trains the larger network on few digits: once with the first layer restored
// by name and frozen, once from scratch.

Dataset data = Datasets.Synthetic();

// Layers without a name are named by their shape, so dense_784x256 keeps its name whatever follows it.
ModelSpec small = new ModelBuilder(inputs: 784).Dense(256).Dense(10).Build();
TrainingResult pretrained = await new Trainer(small, data, new TrainerOptions { TrainingExamples = 20_000, Epochs = 3 }).TrainAsync();
Console.WriteLine($"{small} on 20,000 images: {pretrained.Model.Evaluate(data.Test).Accuracy:P2}");

const string file = "pretrained.ckpt";
pretrained.Model.Save(file, overwrite: true);

ModelSpec wide = new ModelBuilder(inputs: 784).Dense(256).Dense(128).Dense(10).Build();
var few = new TrainerOptions { TrainingExamples = 1_000, Epochs = 20 };

// By default, a restore refuses every name or shape that does not match, and says what would help.
try
{
    _ = new Trainer(wide, data, few with { InitFrom = pretrained.Model });
}
catch (RequestException refused)
{
    Console.WriteLine($"refused: {refused.Message}");
}

// So be explicit: restore the first layer, freeze it, and train the rest.
const string firstLayer = "dense_784x256/*";
var fineTuning = new Trainer(wide.Freeze(firstLayer), data, few with
{
    InitFrom = TrainedModel.Load(file),
    Restore = new RestoreRules { Include = NameGlobs.Parse(firstLayer) },
});
foreach (RestoreRow row in fineTuning.Restored!.Rows)
    Console.WriteLine($"  {row.Parameter ?? row.Source,-22} {row.Outcome}");

TrainingResult fineTuned = await fineTuning.TrainAsync();
TrainingResult fromNothing = await new Trainer(wide, data, few).TrainAsync();
Console.WriteLine($"{wide} on 1,000 images, first layer restored and frozen: {fineTuned.Model.Evaluate(data.Test).Accuracy:P2}");
Console.WriteLine($"{wide} on 1,000 images, from nothing:                    {fromNothing.Model.Evaluate(data.Test).Accuracy:P2}");

string weights = "dense_784x256/weights";
bool same = fineTuned.Model.GetParameter(weights).Values.AsSpan().SequenceEqual(pretrained.Model.GetParameter(weights).Values);
Console.WriteLine($"{weights} before and after: {(same ? "the same bytes" : "changed")}");
